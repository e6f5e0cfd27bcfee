/** The package's version, put in by the build. */

declare const DOTLOCAL_VERSION: string | undefined;

export const VERSION = typeof DOTLOCAL_VERSION === "string" ? DOTLOCAL_VERSION : "development";
