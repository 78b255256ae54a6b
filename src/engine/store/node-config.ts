// The node's settings and where everything lies: vz.conf with our defaults below it, all below the prefix.
//
//   etc/vz/vz.conf                 global settings, shell-sourceable      var/lib/vz/private/<id>   private area
//   etc/vz/conf/<id>.conf          one container                          var/lib/vz/root/<id>      mount point
//   etc/vz/conf/ve-*.conf-sample   samples                                var/lib/vz/template/cache NAME.tar.{gz,xz,zst}, NAME/ (unpacked for overlay)
//   etc/vz/names/<name>            link to the config                     var/lib/vz/{lock,dump,trash}
//   run/vzdeck/<id>/               record of the start, keeper's socket   var/log/vzdeck/<id>.console[.N]  what the container printed

/** Every path is absolute and includes the prefix; functions take a CTID. */
export interface NodeConfig {
  /** "" for the real root, otherwise VZDECK_ROOT without trailing slash. */
  readonly prefix: string;
  /** "" for the real root, otherwise eight hex digits of a hash of the prefix: part of cgroup, interface and nft names. */
  readonly tag: string;
  readonly vzConf: string;
  readonly confDir: string;
  readonly namesDir: string;
  readonly lockDir: string;
  readonly dumpDir: string;
  readonly trashDir: string;
  readonly templateDir: string;
  readonly logDir: string;
  readonly runDir: string;
  readonly conf: (id: number) => string;
  /** Values of vz.conf as written; keys upper case. */
  readonly values: ReadonlyMap<string, string>;
}
