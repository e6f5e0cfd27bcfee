/**
 * The interfaces that a varlink socket offers, and `org.varlink.service`, which describes them.
 *
 * A method gives one reply, or, where the client asked for `more`, a stream of them.
 */

import { VERSION } from "../../core/version.ts";
import { text } from "./parameters.ts";
import { type JsonObject, serviceError } from "./varlink-error.ts";
import type { VarlinkCall } from "./varlink-messages.ts";

export interface MethodCall {
  readonly parameters: JsonObject;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
}

export type Method =
  | { readonly kind: "once"; call(call: MethodCall): Promise<JsonObject> | JsonObject }
  /** Only for clients that asked for `more`. */
  | { readonly kind: "stream"; call(call: MethodCall): AsyncIterable<JsonObject> };

export interface VarlinkInterface {
  /** E.g. `io.systemd.Resolve`. */
  readonly name: string;
  /** The interface definition, as varlink writes it. */
  readonly description: string;
  readonly methods: Readonly<Record<string, Method>>;
}

const SERVICE_DESCRIPTION = `# What every varlink service offers
interface org.varlink.service

method GetInfo() -> (
  vendor: string,
  product: string,
  version: string,
  url: string,
  interfaces: []string
)

method GetInterfaceDescription(interface: string) -> (description: string)

error InterfaceNotFound (interface: string)
error MethodNotFound (method: string)
error MethodNotImplemented (method: string)
error InvalidParameter (parameter: string)
error PermissionDenied ()
error ExpectedMore ()
`;

export class VarlinkService {
  readonly #interfaces: ReadonlyMap<string, VarlinkInterface>;

  constructor(interfaces: readonly VarlinkInterface[]) {
    const all = [...interfaces, this.#serviceInterface()];
    this.#interfaces = new Map(all.map((offered) => [offered.name, offered]));
  }

  /** The method called. @throws VarlinkError when there is none, or it needs `more`. */
  find({ method, more }: VarlinkCall): Method {
    const dot = method.lastIndexOf(".");
    const interfaceName = method.slice(0, Math.max(dot, 0));
    const offered = this.#interfaces.get(interfaceName);
    if (offered === undefined) {
      throw serviceError("InterfaceNotFound", { interface: interfaceName });
    }
    const name = method.slice(dot + 1);
    if (!Object.hasOwn(offered.methods, name)) throw serviceError("MethodNotFound", { method });
    const found = offered.methods[name]!;
    if (found.kind === "stream" && !more) throw serviceError("ExpectedMore");
    return found;
  }

  #serviceInterface(): VarlinkInterface {
    return {
      name: "org.varlink.service",
      description: SERVICE_DESCRIPTION,
      methods: {
        GetInfo: { kind: "once", call: () => this.#info() },
        GetInterfaceDescription: {
          kind: "once",
          call: ({ parameters }) => this.#describe(text(parameters, "interface")),
        },
      },
    };
  }

  #info(): JsonObject {
    return {
      vendor: "dotlocal",
      product: "dotlocald",
      version: VERSION,
      url: "https://www.npmjs.com/package/dotlocald",
      interfaces: [...this.#interfaces.keys()].sort(),
    };
  }

  #describe(name: string): JsonObject {
    const offered = this.#interfaces.get(name);
    if (offered === undefined) throw serviceError("InterfaceNotFound", { interface: name });
    return { description: offered.description };
  }
}
