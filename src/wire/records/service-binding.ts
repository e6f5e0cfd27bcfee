/** SVCB and HTTPS (RFC 9460 §2.2): where and how to reach a service. */

import { DotlocalError } from "../../core/errors.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { ServiceBindingData } from "../record-data.ts";
import { decodeEscapes, type TextFields, TextSyntaxError } from "../text-fields.ts";
import { formatName } from "../text-format.ts";
import type { WireReader } from "../wire-reader.ts";
import type { WireWriter } from "../wire-writer.ts";
import {
  areValidParameters,
  formatParameter,
  parseParameterKey,
  parseParameterValue,
} from "./service-parameters.ts";

type Parameters = ServiceBindingData["params"];

function serviceBindingCodec(kind: "SVCB" | "HTTPS"): RecordCodec<ServiceBindingData> {
  return {
    kind,
    read: (reader) => ({
      kind,
      priority: reader.uint16(),
      targetName: reader.name(),
      params: readParameters(reader),
    }),
    write: (writer, data) => {
      writer.uint16(data.priority);
      writer.plainName(data.targetName);
      writeParameters(writer, data.params);
    },
    format: (data) =>
      [data.priority, formatName(data.targetName), ...data.params.map(formatParameter)].join(" "),
    parse: (fields) => ({
      kind,
      priority: fields.integer("the priority", 0xffff),
      targetName: fields.domainName("the target name"),
      params: parseParameters(fields),
    }),
  };
}

export const svcbCodec = serviceBindingCodec("SVCB");
export const httpsCodec = serviceBindingCodec("HTTPS");

/** RFC 9460 §2.2: keys ascend without duplicates, and values are as their keys say. */
function readParameters(reader: WireReader): Parameters {
  const params: { key: number; value: Uint8Array }[] = [];
  while (reader.remaining > 0) {
    params.push({ key: reader.uint16(), value: reader.octets(reader.uint16()) });
  }
  if (reader.failure === undefined && !(isAscending(params) && areValidParameters(params))) {
    reader.fail("RECORD_DATA_VALUE");
  }
  return params;
}

function writeParameters(writer: WireWriter, params: Parameters): void {
  if (!isAscending(params)) {
    throw new DotlocalError("INVALID_DATA", "the keys of the service parameters do not ascend");
  }
  for (const { key, value } of params) {
    writer.uint16(key);
    writer.uint16(value.length);
    writer.octets(value);
  }
}

function isAscending(params: Parameters): boolean {
  return params.every((param, index) => index === 0 || params[index - 1]!.key < param.key);
}

/** RFC 9460 §2.1: parameters come in any order, each key once. */
function parseParameters(fields: TextFields): Parameters {
  const { column } = fields;
  const params: { key: number; value: Uint8Array }[] = [];
  while (!fields.isAtEnd) params.push(parseParameter(fields));
  params.sort((a, b) => a.key - b.key);
  if (!isAscending(params)) throw new TextSyntaxError("a service parameter comes twice", column);
  if (!areValidParameters(params)) {
    throw new TextSyntaxError("the service parameters do not go together", column);
  }
  return params;
}

function parseParameter(fields: TextFields): { key: number; value: Uint8Array } {
  const { text, column } = fields.field("the service parameter");
  const equals = text.indexOf("=");
  const keyText = equals < 0 ? text : text.slice(0, equals);
  const key = parseParameterKey(keyText);
  if (key === undefined) throw new TextSyntaxError(`"${keyText}" is no parameter key`, column);
  const value = equals < 0 ? new Uint8Array(0) : decodeEscapes(text.slice(equals + 1), column);
  const octets = parseParameterValue(keyText, value);
  if (octets === undefined) {
    throw new TextSyntaxError(`"${text}" has a value that its key does not allow`, column);
  }
  return { key, value: octets };
}
