// vzlist's usage.

export function vzlistUsage(): string {
  return `Usage: vzlist [-a | -S] [-n] [-H] [-t] [-j] [-o FIELD[,FIELD…] | -1] [-s [-]FIELD]
              [-h PATTERN] [-N PATTERN] [-d PATTERN] [-i PATTERN] [CTID|NAME…]
       vzlist -L | --help

Options:
    -a, --all            all containers; by default those that run
    -S, --stopped        those that do not run
    -n, --name           names instead of ids
    -H, --no-header      no line of column heads
    -t, --no-trim        do not cut long texts
    -j, --json           JSON
    -o, --output LIST    these fields; +FIELD and -FIELD add to the usual ones and take away
    -1                   ids only, one per line
    -s, --sort FIELD     sort by a field, with a leading - in reverse
    -h, --hostname PAT   only host names that match a shell pattern
    -N, --name_filter P  only names that match
    -d, --description P  only descriptions that match
    -i, --netif PAT      only those with a bridged device that matches
    -L, --list           all fields with their heads
`;
}
