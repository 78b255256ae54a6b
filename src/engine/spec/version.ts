// The engine's version, as --version tells it.

export const ENGINE_VERSION = '0.1.0';
