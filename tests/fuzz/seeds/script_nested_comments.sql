/* a /* b; */ c; */ CREATE TABLE t (a INTEGER); -- tail; 'x
/* one */ /* /* */ */ SELECT 1 /* ; */ ; --
/*+ hint; */ SELECT 2 --+ hint
;
