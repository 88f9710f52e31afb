# Reads the table, the snapshots and the points (see cgroup.sh), in that order, and prints a line for each metric.
# What Debian 12's kernel (6.1) does not have. Anything else that is not there is a mistake in the table.
BEGIN { may_lack["file irq.pressure"]; may_lack["file memory.swap.peak"]; may_lack["zswap in memory.stat"] }
FNR == 1 { part++ }

part == 1 {
  rows++
  name[rows] = $1 ($2 == "" ? "" : "{" $2 "}")
  row[$1 "\t" $2] = rows
  unit[rows] = $3; kind[rows] = $4; type[rows] = $5; from[rows] = $6
  count = split($2, pairs, ",")
  for (i = 1; i <= count; i++) if (pairs[i] ~ /=[*]$/) wild[$1 "\t" substr(pairs[i], 1, length(pairs[i]) - 2)] = 1
  count = split($6, parts, ";")
  for (i = 1; i <= count; i++) { split(parts[i], fields, ","); format[fields[1]] = fields[2] }
}

part == 2 && /^@before / { now++; before[now] = substr($0, 9) + 0; next }
part == 2 && /^@after / { after[now] = substr($0, 8) + 0; last = now; next }
part == 2 {
  colon = index($0, ":")
  path = substr($0, 1, colon - 1)
  slash = index(path, "/")
  keep(now, substr(path, 1, slash - 1), substr(path, slash + 1), substr($0, colon + 1))
}

part == 3 {
  points++
  container[points] = $1; which[points] = find($2, $3); device[points] = found_device; time[points] = $7 + 0; value[points] = $8
  shown[points] = $2 ($3 == "" ? "" : "{" $3 "}"); said[points] = $4 "/" $5 "/" $6
  if (time[points] > newest) { newest = time[points]; times[++cycles] = newest }
  names[$1] = 1
}

END {
  if (points == 0 || last == 0) { print "no points, or no snapshots: nothing can be compared." > "/dev/stderr"; exit 1 }
  for (i = 1; i <= points; i++) compare(i)
  for (i in strangers) print "failed", i, "was sent and is not in the table that 'hardeningd metrics' prints"
  for (r = 1; r <= rows; r++) judge(r)
}

# keep: one line of a kernel file, by the grammar that the table names.
function keep(s, c, file, line,    words, n, i, pair) {
  n = split(line, words, " ")
  has_file[file] = 1
  if (format[file] == "single") put(s, c, file, "", line)
  else if (format[file] == "cpuMax") put(s, c, file, "", words[1] == "max" ? "max" : words[1] / words[2])
  else if (format[file] == "flat" || format[file] == "stat") put(s, c, file, words[1], words[2])
  else if (format[file] == "pressure" || format[file] == "io")
    for (i = 2; i <= n; i++) {
      split(words[i], pair, "=")
      if (format[file] == "io") put(s, c, file, words[1] " " pair[1], pair[2])
      else if (pair[1] == "total") put(s, c, file, words[1], pair[2])
    }
}
function put(s, c, file, key, number) { kernel[s, c, file, key] = number; sub(/^.* /, "", key); has_key[file, key] = 1 }

# find: the table's row of a series; `*` in the table stands for any value, and the one of this series is the device.
function find(metric, attributes,    count, pairs, i, equals, key, general) {
  found_device = ""
  count = split(attributes, pairs, ",")
  general = ""
  for (i = 1; i <= count; i++) {
    equals = index(pairs[i], "=")
    key = substr(pairs[i], 1, equals - 1)
    if ((metric "\t" key) in wild) { found_device = substr(pairs[i], equals + 1); pairs[i] = key "=*" }
    general = general (i > 1 ? "," : "") pairs[i]
  }
  return row[metric "\t" general]
}

# expected: the row's value in a snapshot; "" when a part is not there, "max" when a part is no limit.
function expected(r, s, c, dev, moment,    parts, fields, n, i, number, sum) {
  sum = 0
  n = split(from[r], parts, ";")
  for (i = 1; i <= n; i++) {
    split(parts[i], fields, ",")
    if (fields[2] == "clock") number = moment
    else {
      fields[3] = fields[2] == "io" ? dev " " fields[3] : fields[3]
      if (!((s, c, fields[1], fields[3]) in kernel)) return ""
      number = kernel[s, c, fields[1], fields[3]]
    }
    if (number == "max") return "max"
    sum += number * fields[4]
  }
  return sum < 0 ? 0 : sum
}

function compare(i,    r, s, low, high, lower, upper, swap, slack, following) {
  r = which[i]
  if (!r) { strangers[shown[i]] = 1; return }
  if (said[i] != unit[r] "/" kind[r] "/" type[r]) { wrong(r, "sent as " said[i] ", and the table says " unit[r] "/" kind[r] "/" type[r]); return }
  # Read between the time that the point carries and the next round: the loop that reads does nothing else meanwhile.
  following = 0
  for (s = 1; s <= cycles; s++) if (times[s] > time[i]) { following = times[s]; break }
  low = high = 0
  for (s = 1; s <= last; s++) {
    if (after[s] <= time[i]) low = s
    if (following && !high && before[s] >= following) high = s
  }
  if (!low || !high || (kind[r] != "counter" && before[low] < frozen)) return
  lower = expected(r, low, container[i], device[i], time[i])
  upper = expected(r, high, container[i], device[i], time[i])
  # A device has no line in io.stat before the first byte, nor a container a file before it was made: a counter that is not there stands at none.
  if (lower == "" && kind[r] == "counter") lower = 0
  if (lower == "max" || lower == "") lower = upper
  if (upper == "max" || upper == "") { wrong(r, "sent " value[i] " of '" container[i] "', and the kernel's files have no number there"); return }
  if (kind[r] != "counter" && lower > upper) { swap = lower; lower = upper; upper = swap }
  slack = from[r] ~ /,stat,/ ? 1 : 1e-9 * (upper < 0 ? -upper : upper) + 1e-9
  compared[r]++
  in_container[r, container[i]] = 1
  if (value[i] + 0 > most[r] + 0) most[r] = value[i]
  if (value[i] < lower - slack || value[i] > upper + slack)
    wrong(r, sprintf("sent %s of '%s' at %.3f, and the kernel's files had %.9g before and %.9g after", value[i], container[i], time[i], lower, upper))
}

function wrong(r, message) { if (!wrongs[r]++) mistake[r] = message }

function judge(r,    c, parts, fields, n, i, number, limits, absent) {
  n = split(from[r], parts, ";")
  for (i = 1; i <= n; i++) {
    split(parts[i], fields, ",")
    if (fields[2] == "clock") continue
    absent = !(fields[1] in has_file) ? "file " fields[1] : !((fields[1], fields[3]) in has_key) ? fields[3] " in " fields[1] : ""
    if (absent) { print absent in may_lack ? "skipped" : "failed", name[r], "this kernel has no " absent; return }
  }
  for (c in names) {
    number = fields[2] == "io" ? "" : expected(r, last, c, "", before[last])
    if (number == "max") limits++
    else if (number != "" && !((r, c) in in_container)) wrong(r, "never arrived of '" c "', where the kernel says " number)
  }
  if (wrongs[r]) print "failed", name[r], mistake[r] (wrongs[r] > 1 ? " (and " wrongs[r] - 1 " more)" : "")
  else if (!compared[r]) print "failed", name[r], limits ? "no container has that limit: give one in guest/cgroup-load.sh" : "never arrived under load"
  else print "passed", name[r], compared[r] " points, up to " most[r] + 0
}
