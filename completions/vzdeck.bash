# Completion for bash: vzctl, vzlist, vzdeck and the small programs. Made by npm run docs from the tables of the sources.
# Source it, or put it into /usr/share/bash-completion/completions under each of the names.

declare -gA _vz_verbs=(
  ['vzctl']='create start stop restart destroy delete mount umount status set enter console exec exec2 exec3 runscript chkpnt suspend restore resume snapshot snapshot-switch snapshot-delete snapshot-mount snapshot-umount snapshot-list convert compact quotaon quotaoff quotainit'
  ['vzdeck']='config console create destroy diff enter exec fields freeze help journal leave lens list log mount net node params probe ps restart runscript sample set start status stop template thaw ubc umount who why with-proc'
)

declare -gA _vz_global=(
  ['vzctl']='--verbose --quiet --skiplock --dry-run'
  ['vzdeck']='--dry-run --json --verbose --skiplock --all'
)

declare -gA _vz_options=(
  ['vzctl create']='--ostemplate --config --layout --private --root --ipadd --hostname --name --description --diskspace --diskinodes'
  ['vzctl start']='--force --wait'
  ['vzctl stop']='--fast --skip-umount'
  ['vzctl restart']='--fast --skip-umount --force --wait'
  ['vzctl set']='--save --force --reset_ub --iptables --netfilter --kmemsize --lockedpages --privvmpages --shmpages --numproc --physpages --vmguarpages --oomguarpages --numtcpsock --numflock --numpty --numsiginfo --tcpsndbuf --tcprcvbuf --othersockbuf --dgramrcvbuf --numothersock --numfile --dcachesize --numiptent --avnumproc --swappages --capability --ipadd --ip --ipdel --skip_arpdetect --netdev_add --netdev_del --hostname --description --nameserver --searchdomain --userpasswd --devices --devnodes --pci_add --pci_del --root --private --mount_opts --ostemplate --cpuunits --cpuweight --cpulimit --cpus --cpumask --nodemask --onboot --setmode --disabled --diskquota --diskspace --diskinodes --quotatime --quotaugidlimit --offline-resize --meminfo --netif_add --netif_del --ifname --mac_filter --mac --host_mac --host_ifname --bridge --applyconfig --applyconfig_map --name --features --ioprio --iolimit --iopslimit --bootorder --ram --swap --vm_overcommit --stop-timeout --ttys --timezone --bindmount_add --bindmount_del --profile --proc --address --gateway --configure --link_add --link_del --network --forward --forward_del --rate'
  ['vzctl chkpnt']='--suspend --dump --resume --kill --skip_arpdetect --dumpfile --flags --context'
  ['vzctl suspend']='--suspend --dump --resume --kill --skip_arpdetect --dumpfile --flags --context'
  ['vzctl restore']='--undump --resume --kill --skip_arpdetect --skip-remount --skip-fsck --dumpfile --flags --context'
  ['vzctl resume']='--undump --resume --kill --skip_arpdetect --skip-remount --skip-fsck --dumpfile --flags --context'
  ['vzctl snapshot']='--id --uuid --name --description --skip-suspend --skip-config --skip-resume --must-resume --skip_arpdetect'
  ['vzctl snapshot-switch']='--id --uuid --skip-suspend --skip-config --skip-resume --must-resume --skip_arpdetect'
  ['vzctl snapshot-delete']='--id --uuid'
  ['vzctl snapshot-mount']='--id --uuid --target'
  ['vzctl snapshot-umount']='--id --uuid'
  ['vzctl snapshot-list']='--no-header --output --uuid --id --list --help'
  ['vzctl convert']='--layout --ve_layout --velayout'
  ['vzdeck create']='--start --generate-password --passwords --stop-on-error --config --kmemsize --lockedpages --privvmpages --shmpages --numproc --physpages --ram --vmguarpages --oomguarpages --numtcpsock --numflock --numpty --numsiginfo --tcpsndbuf --tcprcvbuf --othersockbuf --dgramrcvbuf --numothersock --numfile --dcachesize --numiptent --avnumproc --swappages --swap --vm_overcommit --iptables --netfilter --capability --profile --proc --ipadd --ip --netdev_add --hostname --description --nameserver --searchdomain --devices --devnodes --pci_add --root --private --layout --mount_opts --bindmount_add --ostemplate --cpuunits --cpuweight --cpulimit --cpus --cpumask --nodemask --onboot --disabled --diskquota --diskspace --diskinodes --quotatime --quotaugidlimit --meminfo --netif_add --ifname --mac_filter --mac --host_mac --host_ifname --bridge --address --gateway --configure --name --features --ioprio --iolimit --iopslimit --bootorder --stop-timeout --timezone --ttys --link_add --network --forward --rate'
  ['vzdeck start']='--force --wait'
  ['vzdeck stop']='--fast --skip-umount'
  ['vzdeck restart']='--fast --skip-umount --force --wait'
  ['vzdeck set']='--save --force --reset_ub --iptables --netfilter --kmemsize --lockedpages --privvmpages --shmpages --numproc --physpages --vmguarpages --oomguarpages --numtcpsock --numflock --numpty --numsiginfo --tcpsndbuf --tcprcvbuf --othersockbuf --dgramrcvbuf --numothersock --numfile --dcachesize --numiptent --avnumproc --swappages --capability --ipadd --ip --ipdel --skip_arpdetect --netdev_add --netdev_del --hostname --description --nameserver --searchdomain --userpasswd --devices --devnodes --pci_add --pci_del --root --private --mount_opts --ostemplate --cpuunits --cpuweight --cpulimit --cpus --cpumask --nodemask --onboot --setmode --disabled --diskquota --diskspace --diskinodes --quotatime --quotaugidlimit --offline-resize --meminfo --netif_add --netif_del --ifname --mac_filter --mac --host_mac --host_ifname --bridge --applyconfig --applyconfig_map --name --features --ioprio --iolimit --iopslimit --bootorder --ram --swap --vm_overcommit --stop-timeout --ttys --timezone --bindmount_add --bindmount_del --profile --proc --address --gateway --configure --link_add --link_del --network --forward --forward_del --rate --partial'
)

declare -gA _vz_values=(
  ['--capability']='chown:on chown:off dac_override:on dac_override:off dac_read_search:on dac_read_search:off fowner:on fowner:off fsetid:on fsetid:off kill:on kill:off setgid:on setgid:off setuid:on setuid:off setpcap:on setpcap:off linux_immutable:on linux_immutable:off net_bind_service:on net_bind_service:off net_broadcast:on net_broadcast:off net_admin:on net_admin:off net_raw:on net_raw:off ipc_lock:on ipc_lock:off ipc_owner:on ipc_owner:off sys_module:on sys_module:off sys_rawio:on sys_rawio:off sys_chroot:on sys_chroot:off sys_ptrace:on sys_ptrace:off sys_pacct:on sys_pacct:off sys_admin:on sys_admin:off sys_boot:on sys_boot:off sys_nice:on sys_nice:off sys_resource:on sys_resource:off sys_time:on sys_time:off sys_tty_config:on sys_tty_config:off mknod:on mknod:off lease:on lease:off audit_write:on audit_write:off ve_admin:on ve_admin:off setfcap:on setfcap:off fs_mask:on fs_mask:off'
  ['--cpumask']='all auto'
  ['--disabled']='yes no'
  ['--diskquota']='yes no'
  ['--features']='sysfs:on sysfs:off nfs:on nfs:off sit:on sit:off ipip:on ipip:off ppp:on ppp:off ipgre:on ipgre:off bridge:on bridge:off nfsd:on nfsd:off fuse:on fuse:off tun:on tun:off'
  ['--ip']='auto auto6'
  ['--ipadd']='auto auto6'
  ['--ipdel']='auto auto6'
  ['--iptables']='ip_tables iptable_filter iptable_mangle ipt_limit ipt_multiport ipt_tos ipt_TOS ipt_REJECT ipt_TCPMSS ipt_tcpmss ipt_ttl ipt_LOG ipt_length ip_conntrack ip_conntrack_ftp ip_conntrack_irc ipt_conntrack ipt_state ipt_helper iptable_nat ip_nat_ftp ip_nat_irc ipt_REDIRECT xt_mac ipt_recent ipt_owner'
  ['--layout']='simfs overlay ploop'
  ['--nameserver']='inherit'
  ['--netfilter']='disabled stateless stateful full'
  ['--network']='own empty'
  ['--nodemask']='all'
  ['--onboot']='yes no'
  ['--profile']='openvz strict'
  ['--searchdomain']='inherit'
  ['--setmode']='restart ignore'
  ['--ve_layout']='simfs overlay ploop'
  ['--velayout']='simfs overlay ploop'
)

# options with a value of their own
_vz_takers=' --address --applyconfig --applyconfig_map --avnumproc --bindmount_add --bindmount_del --bootorder --bridge --capability --config --configure --context --cpulimit --cpumask --cpus --cpuunits --cpuweight --dcachesize --description --devices --devnodes --dgramrcvbuf --disabled --diskinodes --diskquota --diskspace --dumpfile --features --flags --forward --forward_del --gateway --host_ifname --host_mac --hostname --id --ifname --iolimit --ioprio --iopslimit --ip --ipadd --ipdel --iptables --kmemsize --layout --link_add --link_del --lockedpages --mac --mac_filter --meminfo --mount_opts --name --nameserver --netdev_add --netdev_del --netfilter --netif_add --netif_del --network --nodemask --numfile --numflock --numiptent --numothersock --numproc --numpty --numsiginfo --numtcpsock --onboot --oomguarpages --ostemplate --othersockbuf --output --passwords --pci_add --pci_del --physpages --private --privvmpages --proc --profile --quotatime --quotaugidlimit --ram --rate --root --searchdomain --setmode --shmpages --stop-timeout --swap --swappages --target --tcprcvbuf --tcpsndbuf --timezone --ttys --userpasswd --uuid --ve_layout --velayout --vm_overcommit --vmguarpages '
_vz_parameters='KMEMSIZE LOCKEDPAGES PRIVVMPAGES SHMPAGES NUMPROC PHYSPAGES VMGUARPAGES OOMGUARPAGES NUMTCPSOCK NUMFLOCK NUMPTY NUMSIGINFO TCPSNDBUF TCPRCVBUF OTHERSOCKBUF DGRAMRCVBUF NUMOTHERSOCK NUMFILE DCACHESIZE NUMIPTENT AVNUMPROC SWAPPAGES VM_OVERCOMMIT IPTABLES NETFILTER CAPABILITY VZDECK_CAPABILITIES VZDECK_PROC IP_ADDRESS NETDEV HOSTNAME DESCRIPTION NAMESERVER SEARCHDOMAIN DEVICES DEVNODES PCI VE_ROOT VE_PRIVATE VE_LAYOUT MOUNT_OPTS BINDMOUNT OSTEMPLATE CPUUNITS CPUUWEIGHT CPULIMIT CPUS CPUMASK NODEMASK ONBOOT ORIGIN_SAMPLE DISABLED DISK_QUOTA DISKSPACE DISKINODES QUOTATIME QUOTAUGIDLIMIT MEMINFO NETIF NAME FEATURES IOPRIO IOLIMIT IOPSLIMIT BOOTORDER STOP_TIMEOUT LOCAL_UID LOCAL_GID VZDECK_IDBASE VZDECK_TIMEZONE VZDECK_TTYS VZDECK_USERLAND VZDECK_LINKS VZDECK_NETWORK VZDECK_FORWARD VZDECK_RATE'
_vz_fields='ctid veid vpsid private root mount_opts origin_sample hostname name smart_name description ostemplate ip nameserver searchdomain status kmemsize kmemsize.m kmemsize.b kmemsize.l kmemsize.f lockedpages lockedpages.m lockedpages.b lockedpages.l lockedpages.f privvmpages privvmpages.m privvmpages.b privvmpages.l privvmpages.f shmpages shmpages.m shmpages.b shmpages.l shmpages.f numproc numproc.m numproc.b numproc.l numproc.f physpages physpages.m physpages.b physpages.l physpages.f vmguarpages vmguarpages.m vmguarpages.b vmguarpages.l vmguarpages.f oomguarpages oomguarpages.m oomguarpages.b oomguarpages.l oomguarpages.f numtcpsock numtcpsock.m numtcpsock.b numtcpsock.l numtcpsock.f numflock numflock.m numflock.b numflock.l numflock.f numpty numpty.m numpty.b numpty.l numpty.f numsiginfo numsiginfo.m numsiginfo.b numsiginfo.l numsiginfo.f tcpsndbuf tcpsndbuf.m tcpsndbuf.b tcpsndbuf.l tcpsndbuf.f tcprcvbuf tcprcvbuf.m tcprcvbuf.b tcprcvbuf.l tcprcvbuf.f othersockbuf othersockbuf.m othersockbuf.b othersockbuf.l othersockbuf.f dgramrcvbuf dgramrcvbuf.m dgramrcvbuf.b dgramrcvbuf.l dgramrcvbuf.f numothersock numothersock.m numothersock.b numothersock.l numothersock.f dcachesize dcachesize.m dcachesize.b dcachesize.l dcachesize.f numfile numfile.m numfile.b numfile.l numfile.f numiptent numiptent.m numiptent.b numiptent.l numiptent.f swappages swappages.m swappages.b swappages.l swappages.f diskspace diskspace.s diskspace.h diskinodes diskinodes.s diskinodes.h laverage uptime cpulimit cpuunits cpus ioprio iolimit iopslimit onboot bootorder layout features vswap disabled vm_overcommit netfilter capability ifname mac host_ifname host_mac bridge mac_filter netdev links forward rate'

_vz_containers() {
  vzlist -a -H -t -o ctid,name 2>/dev/null | while read -r id name; do printf '%s\n' "$id"; [ "$name" = - ] || printf '%s\n' "$name"; done
}
_vz_samples() {
  local file
  for file in "${VZDECK_ROOT%/}"/etc/vz/conf/ve-*.conf-sample; do file=${file##*/ve-} && printf '%s\n' "${file%.conf-sample}"; done
}
_vz_templates() {
  local file
  printf '%s\n' busybox
  for file in "${VZDECK_ROOT%/}"/vz/template/cache/*.tar*; do file=${file##*/} && printf '%s\n' "${file%.tar*}"; done
}
_vz_reply() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }

_vz_command() {
  local program=${1##*/} cur=$2 prev=$3 verb='' after=0 at word
  [ "$prev" = = ] && prev=${COMP_WORDS[COMP_CWORD - 2]}
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=${COMP_WORDS[at]}
    if [[ -z $verb && $word != -* ]]; then verb=$word; elif [[ -n $verb && $word != -* ]]; then after=$((after + 1)); fi
  done
  if [[ -z $verb ]]; then
    if [[ $cur == -* ]]; then _vz_reply "${_vz_global[$program]} --help --version" "$cur"; else _vz_reply "${_vz_verbs[$program]}" "$cur"; fi
    return
  fi
  case $prev in
    --config | --applyconfig) _vz_reply "$(_vz_samples)" "$cur" && return ;;
    --ostemplate) _vz_reply "$(_vz_templates)" "$cur" && return ;;
    --private | --root) compopt -o dirnames && COMPREPLY=() && return ;;
  esac
  if [[ -n ${_vz_values[$prev]-} ]]; then _vz_reply "${_vz_values[$prev]}" "$cur" && return; fi
  if [[ $_vz_takers == *" $prev "* ]]; then COMPREPLY=() && return; fi
  if [[ $cur == -* ]]; then _vz_reply "${_vz_options[$program $verb]-} ${_vz_global[vzdeck]}" "$cur" && return; fi
  if [[ $program == vzdeck ]]; then
    case $verb in
      params) _vz_reply "$_vz_parameters" "$cur" && return ;;
      help) _vz_reply "${_vz_verbs[vzdeck]}" "$cur" && return ;;
      template) [[ $after -gt 0 ]] || { _vz_reply 'list recipes check build remove' "$cur" && return; } ;;
      net) [[ $after -gt 0 ]] || { _vz_reply 'check path rates talkers usage' "$cur" && return; } ;;
      config)
        if [[ $after -eq 0 ]]; then _vz_reply 'get set unset validate' "$cur" && return; fi
        if [[ $after -gt 1 ]]; then compopt -o nospace && _vz_reply "$_vz_parameters" "$cur" && return; fi
        ;;
    esac
  fi
  if [[ $program == vzdeck || $after -eq 0 ]]; then _vz_reply "$(_vz_containers)" "$cur"; fi
}

_vz_list() {
  local cur=$2 prev=$3 before=''
  case $prev in
    -o | --output | -s | --sort)
      [[ $cur == *,* ]] && before=${cur%,*},
      compopt -o nospace
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "$_vz_fields" -- "${cur##*,}")
      return
      ;;
  esac
  if [[ $cur == -* ]]; then
    _vz_reply '--no-header --no-trim --stopped --all --name --name_filter --hostname --description --netif --output --sort --list --json --help' "$cur"
  else _vz_reply "$(_vz_containers)" "$cur"; fi
}

declare -gA _vz_tools=(
  ['vzcalc']='-v -h'
  ['vzcfgscale']='--output-file --all --cpu-only --disk-only --ubc-only --network-only --remove --validate --help'
  ['vzcfgvalidate']='-r -i -v'
  ['vzcpucheck']='-v'
  ['vzmemcheck']='-v -A -h'
  ['vzoversell']='-h --help'
  ['vzpid']='-p -i -h'
  ['vzsplit']='-n -f -s -v'
  ['vzubc']='--watch --quiet --verbose --relative --incremental --color --file --help -w -wd -wt -q -v -r -rc -i -ic -c -h -wn -qh -qm -rd -id -f'
)

_vz_tool() {
  local program=${1##*/} cur=$2 prev=$3
  case $program:$prev in
    vzubc:-f | vzubc:--file | vzcfgscale:-o | vzcfgscale:--output-file) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
    vzpid:-i) _vz_reply "$(_vz_containers)" "$cur" && return ;;
    vzcfgvalidate:-v | vzsplit:-v) _vz_reply 'yes no' "$cur" && return ;;
  esac
  if [[ $cur == -* ]]; then _vz_reply "${_vz_tools[$program]}" "$cur" && return; fi
  case $program in
    vzcalc | vzubc) _vz_reply "$(_vz_containers)" "$cur" ;;
    vzcfgscale | vzcfgvalidate | vzoversell) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
  esac
}

complete -F _vz_command vzctl vzdeck
complete -F _vz_list vzlist
complete -F _vz_tool vzcalc vzcfgscale vzcfgvalidate vzcpucheck vzmemcheck vzoversell vzpid vzsplit vzubc
