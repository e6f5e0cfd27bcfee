/**
 * What every record family provides: its data from and to octets, from and to presentation format.
 */

import type { RecordData } from "./record-data.ts";
import type { TextFields } from "./text-fields.ts";
import type { WireReader } from "./wire-reader.ts";
import type { WireWriter } from "./wire-writer.ts";

export interface RecordCodec<Data extends RecordData = RecordData> {
  readonly kind: Data["kind"];
  /**
   * Reads the record data that `reader` is confined to. What is wrong with it is told to the
   * reader; the value is then thrown away, as it is when octets are left over.
   */
  read(reader: WireReader): Data;
  /** Throws INVALID_DATA for values that do not fit their fields. */
  write(writer: WireWriter, data: Data): void;
  /** The data in presentation format: printable, on one line. */
  format(data: Data): string;
  /** Reads presentation format; what is wrong with it is thrown by `fields`. */
  parse(fields: TextFields): Data;
}
