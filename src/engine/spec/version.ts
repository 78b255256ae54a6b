// The engine's version, as records, sockets and --version tell it.

export const ENGINE_VERSION = '0.1.0';
