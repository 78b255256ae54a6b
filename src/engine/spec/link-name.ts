// Names of network devices, as they can stand in a path below /proc/sys/net, in a line of ip(8) and in one of nft(8) alike.

/**
 * IFNAMSIZ − 1 bytes; of what the kernel's dev_valid_name takes, what no program reads as something else: no blanks, quotes, "%", "#" or "*". Two names
 * are those of directories of /proc/sys/net (sysctl_dev_name_is_allowed).
 */
export const isLinkName = (name: string): boolean => /^(?!\.{1,2}$|-|(?:all|default)$)[A-Za-z0-9._-]{1,15}$/.test(name);

/** Completes "… "; null for a name that is one. */
export const linkNameFault = (name: string): string | null =>
  isLinkName(name) ? null : 'is no name of a network device: at most 15 letters, digits, ".", "_" and "-"';
