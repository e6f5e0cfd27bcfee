/** Errors as varlink tells them: a name, and parameters that belong to it. */

export type JsonObject = { readonly [key: string]: unknown };

export class VarlinkError extends Error {
  override readonly name = "VarlinkError";
  /** E.g. `org.varlink.service.MethodNotFound`. */
  readonly error: string;
  readonly parameters: JsonObject;

  constructor(error: string, parameters: JsonObject = {}) {
    super(error);
    this.error = error;
    this.parameters = parameters;
  }
}

/** An error of org.varlink.service. */
export function serviceError(name: string, parameters?: JsonObject): VarlinkError {
  return new VarlinkError(`org.varlink.service.${name}`, parameters);
}

/** A parameter that is missing, of the wrong type or out of its range. */
export function invalidParameter(parameter: string): VarlinkError {
  return serviceError("InvalidParameter", { parameter });
}

/** An error of io.systemd.Resolve. */
export function resolveError(name: string, parameters?: JsonObject): VarlinkError {
  return new VarlinkError(`io.systemd.Resolve.${name}`, parameters);
}
