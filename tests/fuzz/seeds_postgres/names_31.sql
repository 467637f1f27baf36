SELECT E'a\'b', $$x'y$$, $tag$ $$ $tag$, U&'\0041', B'101', 'a'
'b'