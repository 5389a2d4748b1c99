#!/bin/sh
# What an ARG of spawn becomes: JSON's numbers, words, arrays and objects are
# that, all else is a string; and options end at FUNCTION.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

echoes() {
	want=$1
	shift
	expect 0 "$want" spawn --wait "$@"
}

echoes '[1,-1,1.5,0,-0.0,100.0]' echo 1 -1 1.5 0 -0.0 1e2
echoes '[true,false,null]' echo true false null
echoes '[[1,"a"],{"k":[]}]' echo '[1, "a"]' '{"k": []}'
echoes '["tru","True","","a b"]' echo tru True '' 'a b'
echoes '["007","+1",".5","1.","0x10","NaN","1e999"]' \
    echo 007 +1 .5 1. 0x10 NaN 1e999
echoes '[9223372036854775807,"9223372036854775808"]' \
    echo 9223372036854775807 9223372036854775808
echoes '["\"quoted\""]' echo '"quoted"'
echoes '["[1","{}}"," 1","1 "]' echo '[1' '{}}' ' 1' '1 '
echoes '["café","日本","😀"]' echo café 日本 😀
echoes '["a\nb","a\tb"]' echo 'a
b' "$(printf 'a\tb')"

# -s: all of them strings
echoes '["1","true","null","[1]"]' -s echo 1 true null '[1]'

# Options end at FUNCTION.
echoes 1 sum -1 2
echoes 1 -n x sum -1 2
echoes '["-n","x","--wait","--"]' echo -n x --wait --
echoes '["-s",1]' echo -s 1

# Names are text; digits alone are an id and so no name.
expect 0 '[]' spawn --wait -n 'ünï cödé 😀' echo
expect 0 '[]' join 'ünï cödé 😀'
expect 0 '[]' spawn --wait -n -1 echo
expect 0 '[]' join -- -1
exit 0
