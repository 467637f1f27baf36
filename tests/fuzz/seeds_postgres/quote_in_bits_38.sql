SELECT E'a\'b', $$x'y$$, $tag$ $$ $tag$, U&'\0041', B'10,''1 a'
'b'