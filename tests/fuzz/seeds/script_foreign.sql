CREATE AND RESOLVE JAVA SOURCE NAMED "A" AS
public class A { String s = "'"; /* ; }
/
CREATE FUNCTION f wrapped
a000000
';
/
SELECT 1 FROM dual;
