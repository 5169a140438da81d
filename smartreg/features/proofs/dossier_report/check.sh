#!/bin/sh
# Check a dossier of smartreg with git, ssh-keygen, openssl and sha256sum alone. The script holds nothing of any
# registry: it is the same in every dossier of a version, and its SHA-256 is published with that version. Compare it
# first, for who forges a dossier can forge the script in it.
#
#   sh data/check.sh [--line 'seal/… commit:… sha256:…'] [--digest DIGEST] [--ca FILE] [--keys FILE]
#
# checks the dossier in this folder, else the one that the script lies in. So you may also run a copy of your own.
#
# --line  the line of a seal, as you or another party keep it
# --digest  the digest of the dossier, as whoever made it told you by another way: it alone covers the pages, the
#         recipient, and what may have been taken out (a timestamp, a countersignature)
# --ca    certificates of timestamp authorities, and revocation lists (PEM), from the authority or a trusted list
# --keys  the parties' public keys, as lines of an allowed_signers file (man ssh-keygen)
#
# Exit code: 0 proved · 1 something does not hold · 2 wrong command line · 3 consistent, not proved

LC_ALL_WAS=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}
LC_ALL=C; export LC_ALL
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_NAMESPACE
GIT_NO_REPLACE_OBJECTS=1 GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_LITERAL_PATHSPECS=1 OPENSSL_CONF=/dev/null
export GIT_NO_REPLACE_OBJECTS GIT_CONFIG_NOSYSTEM GIT_CONFIG_GLOBAL GIT_LITERAL_PATHSPECS OPENSSL_CONF

say() { case $LC_ALL_WAS in fr*) printf '%s\n' "$2" ;; *) printf '%s\n' "$1" ;; esac }
broken=0 unproved=0
good() { say "ok       $1" "ok       $2"; }
none() { say "nothing  $1" "rien     $2"; }
bad() { broken=1; say "WRONG    $1" "FAUX     $2"; }
open_() { unproved=1; say "not proved  $1" "non prouvé  $2"; }

line='' ca='' keys='' whole=''
while [ $# -gt 0 ]; do
  case $1 in
    --line) line=$2 ;; --digest) whole=$2 ;; --ca) ca=$2 ;; --keys) keys=$2 ;;
    *) say "unknown option: $1" "option inconnue : $1"; exit 2 ;;
  esac
  [ $# -ge 2 ] || { say "$1 needs a value" "$1 demande une valeur"; exit 2; }
  shift 2
done
for file in "$ca" "$keys"; do
  [ -z "$file" ] || [ -s "$file" ] || { say "there is no file $file" "il n'y a pas de fichier $file"; exit 2; }
done
case $ca in ''|/*) ;; *) ca=$PWD/$ca ;; esac
case $keys in ''|/*) ;; *) keys=$PWD/$keys ;; esac
set -f; set -- $line; line="$*"; set +f # as it was copied from a letter, with other blanks and line ends
here=${0%/*}; [ "$here" != "$0" ] || here=.
[ -f data/facts/seals ] || cd "$here/.." && [ -f data/facts/seals ] \
  || { say "there is no dossier here" "il n'y a pas de dossier ici"; exit 2; }
for file in "$ca" "$keys"; do
  case $file in "$PWD"/data/*) say "$file is part of the dossier: it has to come from elsewhere" \
    "$file fait partie du dossier : il doit venir d'ailleurs"; exit 2 ;; esac
done
for tool in git ssh-keygen openssl sha256sum; do
  command -v "$tool" >/dev/null 2>&1 || { say "$tool is missing" "$tool manque"; exit 2; }
done
case $(openssl version) in
  'OpenSSL 1.1.1'*|'OpenSSL '[3-9]*|'OpenSSL '[1-9][0-9]*) ;;
  *) say "timestamps need OpenSSL 1.1.1 or newer, not $(openssl version)" \
    "les horodatages demandent OpenSSL 1.1.1 ou plus récent, pas $(openssl version)"; exit 2 ;;
esac
whole=${whole#dossier } whole=${whole#sha256:}
case $whole in *[!0-9a-f]*) whole=malformed ;; esac
[ -z "$whole" ] || [ ${#whole} = 64 ] || { say "--digest is no SHA-256: 64 hexadecimal digits" \
  "--digest n'est pas un SHA-256 : 64 chiffres hexadécimaux"; exit 2; }
try=0
while work=${TMPDIR:-/tmp}/dossier-check.$$.$try; [ -e "$work" ] || [ -L "$work" ]; do try=$((try + 1)); done
(umask 077; git init -q --bare "$work") || exit 2 # a folder for our files, without mkdir
# No program but ssh-keygen verifies: one by OpenPGP or X.509 would go by keys and roots of this computer.
repo() {
  git -c core.quotePath=false -c core.hooksPath=/dev/null -c gpg.program=/dev/null -c gpg.openpgp.program=/dev/null \
    -c gpg.x509.program=/dev/null -c gpg.ssh.program=ssh-keygen --git-dir="$work/repository" "$@"
}
digest() { read -r sum _; printf %s "$sum"; }
filter() { # the blocks BEGIN $1 of the PEM files that follow
  kind=$1; shift
  for file in "$@"; do
    inside=0
    while IFS= read -r row || [ -n "$row" ]; do
      case $row in "-----BEGIN $kind-----"*) inside=1 ;; esac
      [ $inside = 0 ] || printf '%s\n' "$row"
      case $row in "-----END $kind-----"*) inside=0 ;; esac
    done <"$file"
  done
}
is_id() { # of a commit or file: nothing else may reach a command or a terminal
  case $1 in ''|*[!0-9a-f]*) return 1 ;; esac
  [ ${#1} = 40 ] || [ ${#1} = 64 ]
}
newline='
'
search() { # the files below a folder for one that no manifest lists
  for found in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -L "$found" ]; then
      unlisted=1 # it leads elsewhere
    elif [ -d "$found" ]; then
      search "$found"
    elif [ -e "$found" ]; then
      case $listed in *"$newline$found$newline"*) [ -f "$found" ] || unlisted=1 ;; *) unlisted=1 ;; esac
    fi
  done
}
epoch() { # seconds since 1970 of "Dec  1 00:26:31 2026 GMT"
  set -- $1; mon=$1 day=${2#0} clock=${3%%.*} y=$4
  case $mon in Jan) m=11;; Feb) m=12;; Mar) m=1;; Apr) m=2;; May) m=3;; Jun) m=4;; Jul) m=5;; Aug) m=6;; Sep) m=7;;
    Oct) m=8;; Nov) m=9;; Dec) m=10;; *) return 1;; esac
  [ $m -lt 11 ] || y=$((y - 1))
  h=${clock%%:*} s=${clock##*:} i=${clock#*:}; i=${i%%:*}
  days=$((365 * y + y / 4 - y / 100 + y / 400 + (153 * (m - 1) + 2) / 5 + day - 1 - 719468))
  printf %s $((days * 86400 + ${h#0} * 3600 + ${i#0} * 60 + ${s#0}))
}

# 0. Is it the dossier that was made? Its tag manifest lists the digests of all the rest.
if [ -z "$whole" ]; then
  open_ "that pages and recipient are as they were made, and nothing was taken out: give the dossier's digest (--digest)" \
    "que les pages et le destinataire sont d'origine et que rien n'a été ôté : donnez l'empreinte du dossier (--digest)"
elif [ "$(sha256sum <tagmanifest-sha256.txt | digest)" = "$whole" ]; then
  good "it is the dossier that was made, with its pages and its recipient" \
    "c'est le dossier d'origine, avec ses pages et son destinataire"
else
  bad "it is not the dossier that has this digest: something was changed or taken out" \
    "ce n'est pas le dossier qui a cette empreinte : quelque chose a été modifié ou ôté"
fi

# 1. The files are those of the manifests (RFC 8493), and there is no other.
listed=$newline unlisted=0
while read -r sum path || [ -n "$sum" ]; do
  is_id "$sum" || unlisted=1 # a line that sha256sum would pass over
  case $path in */../*|*/./*|*//*) unlisted=1 ;; data/*) ;; *) unlisted=1 ;; esac
  listed=$listed$path$newline
done <manifest-sha256.txt
while read -r sum path || [ -n "$sum" ]; do
  is_id "$sum" || unlisted=1
  case $path in */*) unlisted=1 ;; esac
done <tagmanifest-sha256.txt
search data
if [ $unlisted = 0 ] && sha256sum -c tagmanifest-sha256.txt >"$work/said" 2>&1 \
  && sha256sum -c manifest-sha256.txt >>"$work/said" 2>&1; then
  good "each file is as its manifest says" "chaque fichier est tel que le dit son manifeste"
else
  bad "a file is missing, altered, or in no manifest" "un fichier manque, est modifié, ou n'est dans aucun manifeste"
fi

# 2. The history: objects have the ids that they should have, and none is missing.
head=''
if [ -f data/facts/head ]; then
  read -r format head all <data/facts/head
  case $format in sha1|sha256) ;; *) format=sha1 head='' ;; esac
  case $all in ''|all) ;; *) head='' ;; esac
  git init -q --bare --object-format="$format" "$work/repository" || exit 2
  if is_id "$head" && repo index-pack --stdin <data/objects.pack >"$work/said" 2>&1 \
    && [ "$(repo cat-file -t "$head" 2>/dev/null)" = commit ] \
    && repo rev-list ${all:+--objects} "$head" >"$work/listed" 2>&1; then
    good "the history up to $head is whole" "l'historique jusqu'à $head est entier"
  else
    bad "objects of the history are missing or altered" "des objets de l'historique manquent ou sont modifiés"
    is_id "$head" || head=none
  fi
else
  open_ "a public dossier: the history is not in it, and nothing of it was checked" \
    "un dossier public : l'historique n'y est pas, rien n'en a été vérifié"
fi

# 3. Each seal, the chain of seals, and whether they are of this history, which ends with the last of them.
previous=none sealed='' newest='' last_id=''
: >"$work/seals"
while read -r name commit sum || [ -n "$name" ]; do
  number=${name#seal/} id=${commit#commit:}
  case $name.$sum in seal/.*|seal/*[!0-9]*.*|*[!a-z0-9/:.]*) is_line=0 ;; seal/*.sha256:*) is_line=1 ;; *) is_line=0 ;; esac
  if [ $is_line = 0 ] || [ "commit:$id" != "$commit" ] || ! is_id "$id" || ! is_id "${sum#sha256:}"; then
    bad "a line of data/facts/seals is no line of a seal" "une ligne de data/facts/seals n'est pas celle d'un sceau"
    break
  fi
  newest="$name $commit $sum"
  printf '%s\n' "$newest" >>"$work/seals"
  sealed="$sealed $id"
  [ -n "$head" ] || continue
  tag=data/tags/$number
  if [ ! -f "$tag" ] || [ "sha256:$(sha256sum <"$tag" | digest)" != "$sum" ]; then
    bad "$name: the tag is not the one of its line" "$name : le tag n'est pas celui de sa ligne"
    continue
  fi
  target='' before='' tree='' stated=''
  while read -r key value rest; do
    case $key in object) [ -n "$target" ] || target=$value ;; Smartreg-Previous:) before="$value${rest:+ $rest}" ;;
      Smartreg-Commit:) stated=$value ;; Smartreg-Tree:) tree=$value ;; esac
  done <"$tag"
  if [ "$before" != "$previous" ]; then
    bad "$name does not follow on the seal before it" "$name ne suit pas le sceau précédent"
  elif [ "$target" != "$id" ] || [ "$stated" != "$id" ] \
    || [ "$(repo rev-parse -q --verify "$id^{tree}" 2>/dev/null)" != "$tree" ]; then
    bad "$name: its commit is not the one that it seals" "$name : son commit n'est pas celui qu'il scelle"
  elif ! repo merge-base --is-ancestor "$id" "$head" 2>/dev/null; then
    bad "$name seals another history: this one was rewritten" "$name scelle un autre historique : celui-ci a été réécrit"
  elif [ -n "$last_id" ] && ! repo merge-base --is-ancestor "$last_id" "$id" 2>/dev/null; then
    bad "$name seals an earlier commit than the seal before it" "$name scelle un commit antérieur à celui du sceau précédent"
  else
    good "$name seals a commit of this history" "$name scelle un commit de cet historique"
  fi
  previous="$name $sum" last_id=$id
done <data/facts/seals
if [ -n "$head" ] && [ "$head" != "$last_id" ]; then
  bad "the history goes on after the last seal, which does not cover that" \
    "l'historique continue après le dernier sceau, qui ne couvre pas la suite"
fi
about=''
while read -r key value || [ -n "$key" ]; do
  case $key in External-Identifier:) about="$about$value" ;; esac
done <bag-info.txt
[ "$about" = "$newest" ] || bad "bag-info.txt names another seal than the last" \
  "bag-info.txt nomme un autre sceau que le dernier"

# 4. What the records were, at each state that the dossier lists, and the copies, which are the states at the last seal.
if [ -n "$head" ]; then
  states=0 wrong=0 covered=' '
  : >"$work/copies"; : >"$work/blobs"; : >"$work/held"
  while read -r commit blob path || [ -n "$commit" ]; do
    is_id "$commit" && { [ "$blob" = - ] || is_id "$blob"; } || commit=- path=malformed
    case /$path/ in *//*|*/./*|*/../*) commit=- path=malformed ;; esac # another name for a file, or for none
    printf '%s:%s\n' "$commit" "$path"
  done <data/facts/states >"$work/names"
  repo cat-file --batch-check='%(objectname)' <"$work/names" >"$work/ids" 2>/dev/null
  while read -r commit blob path || [ -n "$commit" ]; do
    states=$((states + 1)) covered="$covered$commit "
    IFS= read -r name <&5 && IFS= read -r found <&4 || name='' found=''
    if [ "$name" != "$commit:$path" ]; then
      wrong=$((wrong + 1))
    elif [ "$blob" = - ]; then # nothing is there; no more does a tree that is missing say so
      absent=$(repo ls-tree "$commit" -- "$path" 2>/dev/null) && [ -z "$absent" ] || wrong=$((wrong + 1))
    elif [ "$found" != "$blob" ]; then
      wrong=$((wrong + 1))
    elif [ "$commit" = "$head" ] && [ -z "$all" ]; then
      printf 'data/files/%s\n' "$path" >>"$work/copies"
      printf '%s\n' "$blob" >>"$work/blobs"
    fi
  done <data/facts/states 4<"$work/ids" 5<"$work/names"
  if [ $wrong = 0 ]; then # the commits are those of this history, and not others that lie beside it in the pack
    {
      printf '^%s\n' "$head"
      while read -r commit _ || [ -n "$commit" ]; do printf '%s^{commit}\n' "$commit"; done <data/facts/states
    } | repo rev-list --stdin >"$work/beside" 2>/dev/null && [ ! -s "$work/beside" ] || wrong=$((wrong + 1))
  fi
  for commit in $sealed $head; do
    case $covered in *" $commit "*) ;; *) wrong=$((wrong + 1)) ;; esac
  done
  if [ $wrong = 0 ] && [ $states -gt 0 ]; then
    good "$states states of files are those of their commits" "$states états de fichiers sont ceux de leurs commits"
  else
    bad "$wrong of $states states of files are not those of their commits" \
      "$wrong des $states états de fichiers ne sont pas ceux de leurs commits"
  fi
  while read -r _ path || [ -n "$path" ]; do
    case $path in data/files/*) printf '%s\n' "$path" >>"$work/held" ;; esac
  done <manifest-sha256.txt
  repo hash-object --no-filters --stdin-paths <"$work/copies" >"$work/hashes" 2>/dev/null
  if [ "$(sha256sum <"$work/copies")" = "$(sha256sum <"$work/held")" ] \
    && [ "$(sha256sum <"$work/blobs")" = "$(sha256sum <"$work/hashes")" ]; then
    [ -n "$all" ] || good "each copy in data/files is the file at the last seal" \
      "chaque copie de data/files est le fichier au dernier sceau"
  else
    bad "data/files is not what the files were at the last seal" \
      "data/files n'est pas ce qu'étaient les fichiers au dernier sceau"
  fi
fi

# 5. Is it the history that others know? Only what does not come from here tells.
if [ -z "$line" ]; then
  open_ "that history and seals were not remade together: give the line of a seal (--line)" \
    "que l'historique et les sceaux n'ont pas été refaits ensemble : donnez la ligne d'un sceau (--line)"
else
  held=0
  while IFS= read -r row; do [ "$row" != "$line" ] || held=1; done <"$work/seals"
  if [ $held = 1 ]; then
    good "your line is one of these seals; what comes before it is what was sealed" \
      "votre ligne est l'un de ces sceaux ; ce qui la précède est ce qui fut scellé"
    if [ "$line" != "$newest" ]; then
      open_ "what came after your line" "ce qui a suivi votre ligne"
    fi
  else
    bad "your line is none of these seals: this is another history, or a seal was left out" \
      "votre ligne n'est aucun de ces sceaux : c'est un autre historique, ou un sceau manque"
  fi
fi

# 6. When: timestamps, each as of the moment that it states.
lines_of() { # whether a line of $work/said has the text $1
  while IFS= read -r told || [ -n "$told" ]; do case $told in *"$1"*) return 0 ;; esac; done <"$work/said"
  return 1
}
stamp_verify() { # token, digest, certificates, seconds
  trust=$3
  if [ -n "$ca" ]; then filter CERTIFICATE "$ca" >"$work/trust"; trust=$work/trust; fi
  openssl ts -verify -in "$1" -token_in -digest "$2" -CAfile "$trust" -untrusted "$3" -partial_chain -attime "$4" \
    >"$work/said" 2>&1 || return 1
  filter 'X509 CRL' "$3" ${ca:+"$ca"} >"$work/lists"
  [ -s "$work/lists" ] || return 0
  { filter CERTIFICATE "$trust"; filter 'X509 CRL' "$work/lists"; } >"$work/listed"
  openssl ts -verify -in "$1" -token_in -digest "$2" -CAfile "$work/listed" -untrusted "$3" -partial_chain \
    -no_check_time -crl_check >"$work/said" 2>&1 || lines_of 'unable to get certificate CRL' # lists of other authorities
}
used=$newline
while IFS= read -r row; do
  name=${row%% *}; folder=data/seals/${name#seal/}
  n=1 last='' last_digest='' last_seconds=0 earlier=''
  while [ -f "$folder/timestamp-$n.tst" ]; do
    token=$folder/timestamp-$n.tst kept=$folder/timestamp-$n.pem
    used=$used$token$newline$kept$newline
    if [ $n = 1 ]; then
      sum=$(printf %s "$row" | sha256sum | digest)
    else
      sum=$( (cd "$folder" && sha256sum $earlier) | sha256sum | digest)
    fi
    moment='' times=0
    openssl ts -reply -in "$token" -token_in -text >"$work/told" 2>/dev/null
    while IFS= read -r told; do
      case $told in 'Time stamp: '*) moment=${told#Time stamp: } times=$((times + 1)) ;; esac
    done <"$work/told"
    case $moment in *[!A-Za-z0-9:.\ ]*) moment='' ;; esac
    seconds=$(epoch "$moment") || seconds=''
    if [ $times != 1 ] || [ -z "$seconds" ] || [ ! -f "$kept" ] || ! stamp_verify "$token" "$sum" "$kept" "$seconds"; then
      bad "timestamp $n of $name does not hold: it proves no date" \
        "l'horodatage $n de $name ne tient pas : il ne prouve aucune date"
      break
    fi
    if [ -n "$last" ] && { [ "$seconds" -lt "$last_seconds" ] \
      || ! stamp_verify "$last" "$last_digest" "${last%.tst}.pem" "$seconds"; }; then
      bad "timestamp $n of $name renews one that had already ended, or is older than that" \
        "l'horodatage $n de $name en renouvelle un qui avait déjà pris fin, ou est plus ancien que lui"
      break
    fi
    if [ -n "$ca" ]; then
      good "$name existed on $moment, says a timestamp of the authority that you gave" \
        "$name existait le $moment, dit un horodatage de l'autorité que vous avez donnée"
    else
      open_ "that $name existed on $moment: give the authority's certificate (--ca)" \
        "que $name existait le $moment : donnez le certificat de l'autorité (--ca)"
    fi
    earlier="$earlier timestamp-$n.pem timestamp-$n.tst" last=$token last_digest=$sum last_seconds=$seconds n=$((n + 1))
  done
  if [ -n "$last" ] && [ ! -f "$folder/timestamp-$n.tst" ]; then
    openssl cms -verify -in "$last" -inform DER -noverify -certfile "${last%.tst}.pem" -signer "$work/signer" \
      -out /dev/null >/dev/null 2>&1
    openssl x509 -in "$work/signer" -noout -checkend 0 >/dev/null 2>&1 \
      || open_ "$name: the certificate behind its timestamp has ended since, and nothing renewed it" \
        "$name : le certificat de son horodatage a pris fin depuis, sans renouvellement"
  fi
done <"$work/seals"
last=${newest%% *}
if [ -f "data/seals/${last#seal/}/timestamp-1.tst" ]; then :
elif [ -n "$ca" ]; then # whoever has the authority's certificate expects its timestamp
  open_ "when $last existed: it has no timestamp here, or it was taken out" \
    "quand $last existait : il n'a pas d'horodatage ici, ou on l'a ôté"
else
  none "here says when $last existed: it has no timestamp" "ici ne dit quand $last existait : il n'a pas d'horodatage"
fi

# 7. Who: countersignatures of the parties, and their agreements.
for file in data/seals/*/*.sig; do
  [ -f "$file" ] || continue
  used=$used$file$newline
  party=${file##*/}; party=${party%.sig}; party=${party%.[0-9]*}
  number=${file%/*}; number=${number##*/}
  case $party$number in *[!a-z0-9-]*) party=- number=- ;; esac
  { IFS= read -r signed; while IFS= read -r row; do printf '%s\n' "$row"; done >"$work/sig"; } <"$file"
  known=0
  while IFS= read -r row; do
    [ "$row" != "$signed" ] || case $row in "seal/$number "*) known=1 ;; esac
  done <"$work/seals"
  printf %s "$signed" >"$work/line"
  if ! fingerprint=$(ssh-keygen -Y check-novalidate -n smartreg-seal -s "$work/sig" <"$work/line" 2>/dev/null); then
    bad "the countersignature of $party on seal/$number is no signature on its line" \
      "le contreseing de $party sur seal/$number n'est pas une signature de sa ligne"
  elif [ $known = 0 ]; then
    bad "$party signed another line than that of seal/$number here" \
      "$party a signé une autre ligne que celle de seal/$number ici"
  elif [ -z "$keys" ]; then
    open_ "that $party countersigned seal/$number: give its key (--keys); it has ${fingerprint##* }" \
      "que $party a contresigné seal/$number : donnez sa clé (--keys) ; celle-ci est ${fingerprint##* }"
  elif ssh-keygen -Y verify -f "$keys" -I "$party" -n smartreg-seal -s "$work/sig" <"$work/line" >/dev/null 2>&1; then
    good "$party countersigned seal/$number, by a key that you gave" \
      "$party a contresigné seal/$number, par une clé que vous avez donnée"
  else
    bad "seal/$number was countersigned for $party by a key that you did not give for it" \
      "seal/$number a été contresigné pour $party par une clé que vous n'avez pas donnée pour elle"
  fi
done
stray=0
for file in data/seals/* data/seals/.[!.]* data/seals/*/* data/seals/*/.[!.]*; do
  case $used in *"$newline$file$newline"*) ;; *) [ ! -e "$file" ] || [ -d "$file" ] || stray=1 ;; esac
done
[ $stray = 0 ] || bad "data/seals has a file that belongs to no seal here, or to a timestamp that is missing" \
  "data/seals a un fichier qui n'est d'aucun sceau d'ici, ou d'un horodatage qui manque"
if [ -n "$head" ] && [ -f data/facts/agreements ]; then
  while read -r commit || [ -n "$commit" ]; do
    is_id "$commit" || { bad "data/facts/agreements is malformed" "data/facts/agreements est mal formé"; break; }
    op='' about=''
    repo cat-file commit "$commit" >"$work/told" 2>/dev/null
    while IFS= read -r row; do
      case $row in 'Smartreg-Op: agree') op=agree ;; 'Smartreg-Op: withdraw') op=withdraw ;;
        'Smartreg-Record: '*[!a-z0-9/_-]*) ;; 'Smartreg-Record: '*) about="$about ${row#Smartreg-Record: }" ;; esac
    done <"$work/told"
    case $op in
      agree) what="the agreement $commit, to$about," quoi="l'accord $commit, sur$about," ;;
      *) what="the withdrawal $commit, of the agreement to$about," quoi="le retrait $commit, de l'accord sur$about," ;;
    esac
    if [ -z "$op" ]; then
      bad "$commit is no agreement" "$commit n'est pas un accord"
    elif ! repo merge-base --is-ancestor "$commit" "$head" 2>/dev/null; then
      bad "$what is not in this history" "$quoi n'est pas dans cet historique"
    elif [ -z "$keys" ]; then
      open_ "who signed $what: give the parties' keys (--keys)" "qui a signé $quoi : donnez les clés des parties (--keys)"
    elif repo -c gpg.ssh.allowedSignersFile="$keys" verify-commit "$commit" >"$work/said" 2>&1 \
      && lines_of 'Good "git" signature for '; then
      told=${told#*signature for }
      good "$what was signed by a key that you gave for ${told%% with *}" \
        "$quoi a été signé par une clé que vous avez donnée pour ${told%% with *}"
    else
      bad "$what was signed by no key that you gave" "$quoi n'a été signé par aucune clé que vous avez donnée"
    fi
  done <data/facts/agreements
fi

command -v rm >/dev/null 2>&1 && rm -rf "$work"
echo
if [ $broken = 1 ]; then
  say "DOES NOT HOLD: what is marked WRONG proves nothing, nor does what rests on it." \
    "NE TIENT PAS : ce qui est marqué FAUX ne prouve rien, ni ce qui repose dessus."
  exit 1
elif [ $unproved = 1 ]; then
  say "CONSISTENT, NOT PROVED: nothing contradicts itself, but who forges everything can make that, too." \
    "COHÉRENT, NON PROUVÉ : rien ne se contredit, mais qui forge tout y parvient aussi."
  exit 3
fi
say "PROVED, as far as what you gave comes from elsewhere. The script was not checked: compare its digest." \
  "PROUVÉ, pour autant que ce que vous avez donné vienne d'ailleurs. Le script n'a pas été vérifié : comparez son empreinte."
exit 0
