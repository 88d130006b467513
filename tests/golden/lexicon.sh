#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gongbao lexicon and gongbao analyze as a person uses them: texts with the lexicon that is installed,
# editing and trying out with a small one, which is compiled in no time.

set -eu

gongbao=$GONGBAO_BIN/gongbao
lexicon=$GONGBAO_BIN/gongbao.lex
tmp=$GONGBAO_TMP

fail() {
    echo "lexicon.sh: $*" >&2
    exit 1
}

# expect STATUS COMMAND...: the command ends with the status; its output is in $tmp/out.
expect() {
    want=$1
    shift
    status=0
    "$@" >"$tmp/out" 2>&1 || status=$?
    [ "$status" -eq "$want" ] || fail "$*: exit status $status, not $want: $(cat "$tmp/out")"
}

# gives LEXICON TEXT WORD...: each word is a term of the text.
gives() {
    lex=$1 text=$2
    shift 2
    expect 0 "$gongbao" analyze --lexicon "$lex" "$text"
    for word; do
        cut -f 2 "$tmp/out" | grep -qxF -e "$word" || fail "$text does not give $word"
    done
}

# lacks LEXICON TEXT WORD: it is no word of the text.
lacks() {
    expect 0 "$gongbao" analyze --lexicon "$1" "$2"
    ! awk -F '\t' '$3 == "word" { print $2 }' "$tmp/out" | grep -qxF -e "$3" || fail "$2 gives $3"
}

expect 0 "$gongbao" lexicon verify "$lexicon"
expect 0 "$gongbao" lexicon info "$lexicon"
words=$(sed -n 's/^words //p' "$tmp/out")
[ "$words" -gt 300000 ] || fail "only $words words"

gives "$lexicon" '強調(diào)，高質(zhì)量發(fā)展，經(jīng)濟' 强调 高质量 发展 经济
gives "$lexicon" '聯(lián)農(nóng)帶富' 联农 农带 带富
gives "$lexicon" '“1410”、“5+5”、“9+1”、“141”、5G、23.4%、2025年' 1410 5+5 9+1 141 5g 23.4% 2025年
gives "$lexicon" '“大場景·小切口”' 场景 景小 切口
gives "$lexicon" '各縣(市、區)' 各县 市 区
gives "$lexicon" '市委書記吳舜澤' 市委书记 吴舜泽 吴舜 舜泽
gives "$lexicon" '10月31日上午' 10月31日 上午
gives "$lexicon" '朱林森主持會議，市長郄明遠主持' 朱林森 郄明远
gives "$lexicon" '阿卜杜拉·買買提' 阿卜杜拉买买提 阿卜杜拉 买买提
gives "$lexicon" '“三大戰略任務”和“全年紅”' 三大战略任务 全年红
gives "$lexicon" '乾隆年間的著作' 干隆年间 着作
gives "$lexicon" '製度、體係、全麵' 制度 体系 全面
gives "$lexicon" '關(guan) 於(yu)他(he)' 关于 he

# Nothing that a terminal would obey comes through: a C1 control, and a lone byte that is one.
expect 0 "$gongbao" analyze --lexicon "$lexicon" "$(printf '中\302\23331m\233国')"
! LC_ALL=C grep -q "$(printf '[\302\033]')" "$tmp/out" || fail "a control is printed"
LC_ALL=C grep -q "$(printf '^ \t')" "$tmp/out" || fail "a control is not a blank"
LC_ALL=C grep -q "$(printf '^?\t')" "$tmp/out" || fail "a broken byte is not a ?"

# Lists, and a word of one's own over them.
expect 0 "$gongbao" analyze --lexicon "$lexicon" 共富工坊開工
grep -qP "\t共富工坊\tunknown\t" "$tmp/out" || fail "共富工坊 is not taken for an unknown word"
printf '# ours\n共富工坊\n-开\n' >"$tmp/user.txt"
printf '工坊 40 n\n开工 90\n共富 3\n' >"$tmp/words.txt"
expect 0 "$gongbao" lexicon compile --words "$tmp/words.txt" --user "$tmp/user.txt" --out "$tmp/own.lex"
gives "$tmp/own.lex" '共富工坊開工' 共富工坊 开工
expect 0 "$gongbao" lexicon compile --words "$tmp/words.txt" --out "$tmp/own.lex"
gives "$tmp/own.lex" '共富工坊開工' 共富 工坊

# A small base, for what compiles it again.
base=$tmp/base.lex
printf '%s 300\n' 开工 著名 以下 把 办到 村口 居民 值守 >"$tmp/more.txt"
expect 0 "$gongbao" lexicon compile --words tests/golden/words.txt --words "$tmp/more.txt" --out "$base"

# An administrator's words: the base is installed, the lists are not needed.
user=$tmp/words-of-ours.txt
cp conf/words.txt "$user"
edit() {
    expect "$1" "$gongbao" lexicon "$2" --base "$base" --user "$user" \
        --lexicon "$tmp/ours.lex" "$3" ${4+"$4"}
}
edit 0 add 共富工坊
grep -q 'systemctl reload' "$tmp/out" || fail "it does not say what comes next"
gives "$tmp/ours.lex" '共富工坊開工' 共富工坊 开工
gives "$tmp/ours.lex" '強調(diào)，高質(zhì)量發(fā)展，乾隆年間的著作' 强调 高质量 发展 着作
cp "$user" "$tmp/before"
edit 0 add 共富工坊
cmp "$user" "$tmp/before" || fail "added twice"
edit 0 add 著名工坊開工 500
gives "$tmp/ours.lex" '著名工坊开工' 着名工坊开工
edit 0 remove 以下
lacks "$tmp/ours.lex" '以下' 以下
edit 0 add 以下
gives "$tmp/ours.lex" '以下' 以下
sed -i 's/^共富工坊$/共富工坊 # ours/' "$user"
edit 0 add 共富工坊 7000
grep -qxF '共富工坊 7000 # ours' "$user" || fail "the comment is lost: $(cat "$user")"
edit 0 remove 共富工坊
edit 0 remove 著名工坊开工
edit 0 remove 从来没有的词
{ cat conf/words.txt && echo 以下; } | cmp - "$user" || fail "more than the words was edited"
cp "$user" "$tmp/before"
edit 2 add '共富，工坊'
grep -q '"，" separates words' "$tmp/out" || fail "$(cat "$tmp/out")"
edit 2 add 共富工坊共富工坊共富工坊共富工坊共
grep -q 'longer than 16 characters' "$tmp/out" || fail "$(cat "$tmp/out")"
edit 2 add "$(printf '\377\376')"
edit 2 add 词 0
edit 2 add ''
edit 2 add －新词
grep -q 'does not begin with －' "$tmp/out" || fail "$(cat "$tmp/out")"
edit 2 add -新词
[ "$(cat "$tmp/out")" = "gongbao lexicon add: a word does not begin with -; gongbao lexicon remove 新词 takes it away" ] ||
    fail "$(cat "$tmp/out")"
edit 2 add -- -新词
cmp "$user" "$tmp/before" || fail "a word that was refused is there"

# Where nothing can be written, it does not say that the word is there.
said=$(
    trap '' XFSZ
    ulimit -f 0
    "$gongbao" lexicon add --base "$base" --user "$user" \
        --lexicon "$tmp/ours.lex" 山海协作 2>&1
) && fail "it wrote on a full disk: $said"
case $said in
*'it is there now'*) fail "it was not: $said" ;;
esac
cmp "$user" "$tmp/before" || fail "a word that could not be written is there"

# The lexicon cannot be written, the words can: it says that they are ahead of it.
edit 0 add 山海协作
edit 0 remove 山海协作
expect 4 "$gongbao" lexicon add --base "$base" --user "$user" --lexicon "$tmp/nowhere/ours.lex" 山海协作
grep -qF "$user is edited already: when that is put right, give the same command again" "$tmp/out" ||
    fail "$(cat "$tmp/out")"
grep -qx 山海协作 "$user" || fail "the word is not there: $(cat "$user")"
edit 0 add 山海协作
gives "$tmp/ours.lex" 山海协作 山海协作

# Nothing is written over what it is made of, through a link neither.
cp "$base" "$tmp/base-before"
ln -s base.lex "$tmp/link.lex"
ln "$base" "$tmp/hard.lex"
for out in "$base" "$tmp/link.lex" "$tmp/hard.lex" "$user"; do
    cp "$user" "$tmp/before"
    expect 2 "$gongbao" lexicon add --base "$base" --user "$user" --lexicon "$out" 甲
    grep -q 'would be written over' "$tmp/out" || fail "$(cat "$tmp/out")"
    expect 2 "$gongbao" lexicon compile --base "$base" --user "$user" --out "$out"
    cmp "$base" "$tmp/base-before" || fail "$out is written over"
    cmp "$user" "$tmp/before" || fail "$out is written over"
done
expect 2 "$gongbao" lexicon compile --words "$tmp/more.txt" --out "$tmp/more.txt"

printf '好\n词 很多\n' >>"$user"
edit 2 add 共富工坊
line=$(($(wc -l <"$user")))
grep -qF "words-of-ours.txt:$line: a weight is a number" "$tmp/out" || fail "$(cat "$tmp/out")"

# Edits at the same time wait for each other, and none is lost.
: >"$user"
for word in 甲甲乙 乙乙丙 丙丙丁 丁丁戊; do
    "$gongbao" lexicon add --base "$base" --user "$user" --lexicon "$tmp/ours.lex" \
        $word >/dev/null &
done
wait
[ "$(sort "$user" | wc -l)" -eq 4 ] || fail "edits were lost: $(cat "$user")"
gives "$tmp/ours.lex" '甲甲乙，乙乙丙，丙丙丁，丁丁戊' 甲甲乙 乙乙丙 丙丙丁 丁丁戊

# What a word would change: on lines, and on the bulletins of an index that have it.
printf '共富工坊開工\n没有这个词\n把共富工坊办到村口\n' >"$tmp/lines.txt"
expect 0 "$gongbao" lexicon test --lexicon "$base" --lines "$tmp/lines.txt" 共富工坊
cat >"$tmp/want" <<END
$tmp/lines.txt:1
- 共富工坊?|開工
+ 共富工坊|開工
$tmp/lines.txt:3
- 把|共富工坊?|办到|村口
+ 把|共富工坊|办到|村口
lines=3 with_the_word=2 changed=2 unchanged=0
END
diff "$tmp/want" "$tmp/out" || fail "lexicon test on lines"
echo '市委書記吳舜澤在碧湖' | "$gongbao" lexicon test --lexicon "$base" 吴舜泽 >"$tmp/out"
cat >"$tmp/want" <<END
-:1
- 市委書記|吳舜澤?|在|碧湖?
+ 市委書記|吳舜澤|在|碧湖?
lines=1 with_the_word=1 changed=1 unchanged=0
END
diff "$tmp/want" "$tmp/out" || fail "lexicon test of a name that is guessed"
"$gongbao" lexicon test --lexicon "$base" --weight 1 经济 <"$tmp/lines.txt" |
    grep -qxF 'lines=3 with_the_word=0 changed=0 unchanged=0' || fail "lexicon test on standard input"
"$GONGBAO_BIN/gongbao-ingest" --lexicon "$lexicon" --index "$tmp/index" tests/data/bulletins \
    2>/dev/null || fail "the bulletins cannot be ingested"
expect 0 "$gongbao" lexicon test --lexicon "$base" --index "$tmp/index" 雲麓區
grep -qE '^bulletins=8 looked_at=8 lines=[0-9]+ with_the_word=1[0-9] changed=1[0-9] unchanged=0$' \
    "$tmp/out" || fail "lexicon test on an index: $(tail -n 1 "$tmp/out")"
grep -qF '+ 云麓区|居民|' "$tmp/out" || fail "the neighbourhood is not shown"
expect 2 "$gongbao" lexicon test --lexicon "$base" --lines "$tmp/lines.txt" '共富 工坊'
expect 4 "$gongbao" lexicon test --lexicon "$base" --index "$tmp/no-index" 共富工坊

# New words out of the bulletins: made-up counties and a mayor, ready to be user words.
expect 0 "$gongbao" lexicon mine --lexicon "$lexicon" --documents 2 "$tmp/index"
"$gongbao" lexicon mine --lexicon "$lexicon" --documents 2 "$tmp/index" >"$tmp/mined" 2>/dev/null
for word in 龙漈县 澄川市 云麓区 郄明远 澄学通; do
    grep -qE "^$word	# documents=[0-9]+ occurrences=[0-9]+ .*\\[[^]]+\\]" "$tmp/mined" ||
        fail "$word is not proposed: $(cat "$tmp/mined")"
done
! grep -v '^# ' "$tmp/mined" | grep -v '\[[^]]*\]' || fail "a proposal has no example"
for word in 会议 强调 的 麓区 川市 麓区居民; do
    ! grep -q "^$word	" "$tmp/mined" || fail "$word is proposed"
done
cp "$tmp/mined" "$user"
edit 0 add 共富工坊
gives "$tmp/ours.lex" '雲麓區居民' 云麓区 居民
"$gongbao" lexicon mine --lexicon "$tmp/ours.lex" --documents 2 "$tmp/index" 2>/dev/null |
    { ! grep -q '云麓区	'; } || fail "a known word is proposed"
expect 4 "$gongbao" lexicon mine --lexicon "$lexicon" "$tmp/no-index"
expect 2 "$gongbao" lexicon mine --lexicon "$lexicon" --limit x "$tmp/index"

# An index is checked with its lexicon.
expect 0 "$gongbao" check --lexicon "$lexicon" "$tmp/index"
grep -qE '^.*gongbao.lex: ok words=[0-9]+ bytes=[0-9]+ stamp=[0-9a-f]{16}$' "$tmp/out" ||
    fail "the lexicon is not said to be ok: $(cat "$tmp/out")"

# Damage and wrong use.
head -c 100000 "$lexicon" >"$tmp/cut.lex"
expect 4 "$gongbao" lexicon verify "$tmp/cut.lex"
grep -q 'cut' "$tmp/out" || fail "a cut file is not called so: $(cat "$tmp/out")"
cp "$lexicon" "$tmp/bit.lex"
chmod u+w "$tmp/bit.lex"
printf 'x' | dd of="$tmp/bit.lex" bs=1 seek=4000001 conv=notrunc 2>/dev/null
expect 4 "$gongbao" lexicon verify "$tmp/bit.lex"
grep -qF "$tmp/bit.lex: " "$tmp/out" || fail "the damaged lexicon is not named"
expect 4 "$gongbao" check --lexicon "$tmp/bit.lex" "$tmp/index"
[ "$(grep -c 'checksum' "$tmp/out")" -eq 1 ] || fail "the reason is not told once: $(cat "$tmp/out")"
expect 0 "$gongbao" lexicon info
expect 0 "$gongbao" lexicon verify
grep -qxF "$lexicon: ok" "$tmp/out" || fail "not the lexicon beside the program: $(cat "$tmp/out")"
expect 0 "$gongbao" check "$tmp/index"
grep -qF "$lexicon: ok words=" "$tmp/out" || fail "not the lexicon beside it: $(cat "$tmp/out")"
expect 2 "$GONGBAO_BIN/gongbaod" --check --index "$tmp/index" --lexicon "$tmp/bit.lex"
expect 4 "$gongbao" lexicon verify "$tmp/none.lex"
printf '词 many\n' >"$tmp/bad.txt"
expect 2 "$gongbao" lexicon compile --words "$tmp/bad.txt" --out "$tmp/own.lex"
grep -q 'bad.txt:1:' "$tmp/out" || fail "the bad line is not named: $(cat "$tmp/out")"
expect 4 "$gongbao" lexicon compile --base "$tmp/bit.lex" --user "$tmp/user.txt" --out "$tmp/own.lex"
grep -qF "$tmp/bit.lex: " "$tmp/out" || fail "the damaged base is not named: $(cat "$tmp/out")"
expect 2 "$gongbao" lexicon compile --words "$tmp/words.txt"
for what in '' compile add remove test mine; do
    expect 2 "$gongbao" lexicon $what --nonsense
done
expect 0 "$gongbao" lexicon --help
expect 2 "$gongbao" lexicon
expect 2 "$gongbao" lexicon add
expect 2 "$gongbao" lexicon remove 词 5
expect 2 "$gongbao" analyze --nonsense 词
