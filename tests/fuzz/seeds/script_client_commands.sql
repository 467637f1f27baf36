\d t
.read x
@y.sql
SET ECHO ON
EXEC p;
/
/
