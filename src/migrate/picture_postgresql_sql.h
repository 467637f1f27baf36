/// The questions a picture of PostgreSQL asks its catalogue: $1 is the schema; each answers kind, name, definition.
///
/// Why      Sets, not tables: a schema of a thousand tables takes as many questions as one of ten.
/// Life     Constants.
/// Threads  Any.
/// Not here Asking them (picture_postgresql.cpp).
///
/// They run with `search_path = pg_catalog, pg_temp`: nothing of the schema can stand in for a function or operator
/// used here, and every name in a definition comes out with its schema, whoever asks. PostgreSQL 12 to 16. A NULL
/// definition is an object that went away while it was read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace majed::migrate::postgresql_text {

/// Identity sequences and the indexes of constraints depend on them inside (`i`), members of extensions on those (`e`).
/// So do columns of a partition key on their table; hence the whole object only.
#define MAJED_NOT_DEPENDENT(catalog, oid)                                    \
    " AND NOT EXISTS (SELECT 1 FROM pg_depend p WHERE p.classid = '" catalog \
    "'::regclass AND p.objid = " oid " AND p.objsubid = 0 AND p.deptype IN ('e', 'i'))"
#define MAJED_OWN "WITH own AS MATERIALIZED (SELECT n.oid FROM pg_namespace n WHERE n.nspname = $1::text) "
#define MAJED_RELATIONS                                                                                  \
    MAJED_OWN                                                                                            \
    ", rel AS MATERIALIZED (SELECT c.* FROM pg_class c JOIN own ON own.oid = c.relnamespace"             \
    " WHERE c.relpersistence <> 't' AND c.relname NOT IN"                                                \
    " ('schema_migrations', 'schema_migrations_objects', 'schema_migrations_lock')" MAJED_NOT_DEPENDENT( \
        "pg_class", "c.oid") ") "
#define MAJED_OWNER(oid) "'owner ' || quote_ident(pg_get_userbyid(" oid "))"
/// A line for each role; what the owner may by being the owner is not said.
#define MAJED_GRANTS(list, owner)                                                                            \
    "(SELECT string_agg('grant ' || g.what || ' to ' || g.who, E'\\n' ORDER BY g.who COLLATE \"C\") FROM"    \
    " (SELECT e.who, string_agg(e.what, ', ' ORDER BY e.what COLLATE \"C\") AS what FROM"                    \
    " (SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END" \
    " AS who, a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS what"    \
    " FROM aclexplode(" list ") a WHERE a.grantee <> " owner ") e GROUP BY e.who) g)"
#define MAJED_ACCESS(list, type, owner) \
    MAJED_OWNER(owner)                  \
    ", " MAJED_GRANTS("coalesce(" list ", acldefault('" type "'::\"char\", " owner "))", owner)
#define MAJED_OPTIONS(list)                                                                  \
    "'WITH (' || (SELECT string_agg(o.o, ', ' ORDER BY o.o COLLATE \"C\") FROM unnest(" list \
    ") o(o)) || "                                                                            \
    "')'"
#define MAJED_SEQUENCE                                                                                     \
    "'AS ' || format_type(s.seqtypid, NULL) || ' START ' || s.seqstart || ' INCREMENT ' || s.seqincrement" \
    " || ' MINVALUE ' || s.seqmin || ' MAXVALUE ' || s.seqmax || ' CACHE ' || s.seqcache"                  \
    " || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END"

inline constexpr std::string_view tables = MAJED_RELATIONS
    "SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END, quote_ident(c.relname),"
    " concat_ws(E'\\n', CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END,"
    " CASE WHEN c.reloftype <> 0 THEN 'OF ' || format_type(c.reloftype, NULL) END,"
    " (SELECT CASE WHEN c.relispartition THEN 'PARTITION OF ' ELSE 'INHERITS ' END"
    " || string_agg(h.inhparent::regclass::text, ', ' ORDER BY h.inhseqno) FROM pg_inherits h"
    " WHERE h.inhrelid = c.oid HAVING count(*) > 0),"
    " CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,"
    " CASE c.relkind WHEN 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) END,"
    " CASE WHEN am.amname <> 'heap' THEN 'USING ' || quote_ident(am.amname) END,"
    " 'SERVER ' || quote_ident(fs.srvname), CASE WHEN ft.ftoptions <> '{}' THEN " MAJED_OPTIONS(
        "ft.ftoptions") " END, " MAJED_OPTIONS(
        "c.reloptions") ", 'TABLESPACE ' || quote_ident(ts.spcname),"
    " CASE WHEN c.relkind IN ('r', 'p') THEN CASE c.relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL'"
    " WHEN 'n' THEN 'REPLICA IDENTITY NOTHING' END END,"
    " CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' END,"
    " CASE WHEN c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END, " MAJED_ACCESS(
        "c.relacl", "r", "c.relowner") ", 'columns' || (SELECT string_agg(E'\\n  ' || quote_ident(a.attname), ''"
    " ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0"
    " AND NOT a.attisdropped)) FROM rel c LEFT JOIN pg_am am ON am.oid = c.relam"
    " LEFT JOIN pg_tablespace ts ON ts.oid = c.reltablespace"
    " LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid"
    " LEFT JOIN pg_foreign_server fs ON fs.oid = ft.ftserver WHERE c.relkind IN ('r', 'p', 'f')";

/// Of views those with something of their own.
inline constexpr std::string_view columns = MAJED_RELATIONS
    "SELECT 'column', quote_ident(c.relname) || '.' || quote_ident(a.attname), concat_ws(E'\\n', concat_ws(' ',"
    " format_type(a.atttypid, a.atttypmod),"
    " CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || quote_ident(cn.nspname) || '.'"
    " || quote_ident(co.collname) END, CASE WHEN a.attnotnull THEN 'NOT NULL' END,"
    " CASE a.attgenerated WHEN '' THEN 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)"
    " ELSE 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid)"
    " || CASE a.attgenerated WHEN 's' THEN ') STORED' ELSE ') VIRTUAL' END END,"
    " CASE a.attidentity WHEN 'a' THEN 'GENERATED ALWAYS AS IDENTITY'"
    " WHEN 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY' END,"
    " (SELECT '(' || string_agg(" MAJED_SEQUENCE
    ", ', ') || ')' FROM pg_depend p JOIN pg_sequence s ON s.seqrelid = p.objid WHERE a.attidentity <> ''"
    " AND p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass AND p.refobjid = c.oid"
    " AND p.refobjsubid = a.attnum AND p.deptype = 'i'), " MAJED_OPTIONS("a.attfdwoptions") "), " MAJED_GRANTS(
        "a.attacl", "c.relowner") ")"
    " FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace"
    " WHERE c.relkind IN ('r', 'p', 'f') OR (c.relkind IN ('v', 'm') AND (a.atthasdef OR a.attacl IS NOT NULL))";

/// Also whether its triggers are switched off: then it guards nothing. The copies that a foreign key to a
/// partitioned table makes on its own table are the engine's.
inline constexpr std::string_view constraints = MAJED_RELATIONS
    "SELECT 'constraint', quote_ident(c.relname) || '.' || quote_ident(k.conname), pg_get_constraintdef(k.oid)"
    " || coalesce(E'\\n' || " MAJED_OPTIONS(
        "i.reloptions") ", '') || coalesce((SELECT E'\\ntriggers not as usual: ' || string_agg(DISTINCT"
    " g.tgenabled::text, '' ORDER BY g.tgenabled::text) FROM pg_trigger g"
    " WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O' HAVING count(*) > 0), '')"
    " FROM rel c JOIN pg_constraint k ON k.conrelid = c.oid LEFT JOIN pg_class i ON i.oid = k.conindid"
    " AND k.contype IN ('p', 'u', 'x') WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint kp WHERE kp.oid = k.conparentid AND kp.conrelid = k.conrelid)";

inline constexpr std::string_view indexes = MAJED_RELATIONS
    "SELECT 'index', quote_ident(i.relname), pg_get_indexdef(i.oid)"
    " || CASE WHEN x.indisvalid THEN '' ELSE E'\\nINVALID' END"
    " || CASE WHEN x.indisready THEN '' ELSE E'\\nNOT READY' END"
    " || CASE WHEN x.indisclustered THEN E'\\nCLUSTER' ELSE '' END"
    " || CASE WHEN x.indisreplident THEN E'\\nREPLICA IDENTITY' ELSE '' END"
    " || coalesce(E'\\nTABLESPACE ' || quote_ident(ts.spcname), '')"
    " FROM rel c JOIN pg_index x ON x.indrelid = c.oid JOIN rel i ON i.oid = x.indexrelid"
    " LEFT JOIN pg_tablespace ts ON ts.oid = i.reltablespace";

inline constexpr std::string_view views = MAJED_RELATIONS
    "SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, quote_ident(c.relname),"
    " concat_ws(E'\\n', " MAJED_OPTIONS("c.reloptions") ", " MAJED_ACCESS(
        "c.relacl", "r", "c.relowner") ") || E'\\n' || pg_get_viewdef(c.oid)"
    " FROM rel c WHERE c.relkind IN ('v', 'm')";

inline constexpr std::string_view sequences = MAJED_RELATIONS
    "SELECT 'sequence', quote_ident(c.relname), concat_ws(E'\\n', " MAJED_SEQUENCE
    ", (SELECT 'OWNED BY ' || p.refobjid::regclass::text || '.' || quote_ident(a.attname) FROM pg_depend p"
    " JOIN pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid"
    " WHERE p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.refclassid = 'pg_class'::regclass"
    " AND p.deptype = 'a' LIMIT 1), " MAJED_ACCESS("c.relacl", "s", "c.relowner") ")"
    " FROM rel c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.relkind = 'S'";

inline constexpr std::string_view functions = MAJED_OWN
    "SELECT CASE f.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,"
    " quote_ident(f.proname) || '(' || oidvectortypes(f.proargtypes) || ')',"
    " concat_ws(E'\\n', " MAJED_ACCESS("f.proacl", "f", "f.proowner") ") || E'\\n' ||"
    " CASE f.prokind WHEN 'a' THEN concat_ws(E'\\n', 'ARGUMENTS ' || pg_get_function_arguments(f.oid),"
    " 'RETURNS ' || format_type(f.prorettype, NULL), 'KIND ' || g.aggkind::text,"
    " 'SFUNC ' || g.aggtransfn::text, 'STYPE ' || format_type(g.aggtranstype, NULL),"
    " 'SSPACE ' || nullif(g.aggtransspace, 0), 'FINALFUNC ' || nullif(g.aggfinalfn::text, '-'),"
    " CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END, 'FINALFUNC_MODIFY ' || g.aggfinalmodify::text,"
    " 'COMBINEFUNC ' || nullif(g.aggcombinefn::text, '-'), 'SERIALFUNC ' || nullif(g.aggserialfn::text, '-'),"
    " 'DESERIALFUNC ' || nullif(g.aggdeserialfn::text, '-'), 'INITCOND ' || g.agginitval,"
    " 'MSFUNC ' || nullif(g.aggmtransfn::text, '-'), 'MINVFUNC ' || nullif(g.aggminvtransfn::text, '-'),"
    " 'MSTYPE ' || format_type(nullif(g.aggmtranstype, 0), NULL),"
    " 'MSSPACE ' || nullif(g.aggmtransspace, 0), 'MFINALFUNC ' || nullif(g.aggmfinalfn::text, '-'),"
    " CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,"
    " 'MFINALFUNC_MODIFY ' || g.aggmfinalmodify::text, 'MINITCOND ' || g.aggminitval,"
    " 'SORTOP ' || nullif(g.aggsortop, 0)::regoperator::text, 'PARALLEL ' || f.proparallel::text)"
    " ELSE pg_get_functiondef(f.oid) END"
    " FROM pg_proc f JOIN own ON own.oid = f.pronamespace LEFT JOIN pg_aggregate g ON g.aggfnoid = f.oid"
    " WHERE true" MAJED_NOT_DEPENDENT("pg_proc", "f.oid");

/// A table's row type and the array of a type depend inside on those.
inline constexpr std::string_view types = MAJED_OWN
    "SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, quote_ident(t.typname), concat_ws(E'\\n',"
    " CASE t.typtype WHEN 'e' THEN 'ENUM' || coalesce((SELECT string_agg(E'\\n  ' || quote_literal(e.enumlabel), ''"
    " ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '')"
    " WHEN 'd' THEN concat_ws(' ', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typcollation <>"
    " bt.typcollation THEN 'COLLATE ' || quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END,"
    " CASE WHEN t.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(t.typdefaultbin, 0))"
    " || coalesce((SELECT string_agg(E'\\nCONSTRAINT ' || quote_ident(k.conname) || ' '"
    " || pg_get_constraintdef(k.oid), '' ORDER BY k.conname) FROM pg_constraint k"
    " WHERE k.contypid = t.oid AND k.contype = 'c'), '')"
    " WHEN 'c' THEN 'COMPOSITE' || coalesce((SELECT string_agg(E'\\n  ' || quote_ident(a.attname) || ' '"
    " || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> at.typcollation"
    " THEN ' COLLATE ' || quote_ident(an.nspname) || '.' || quote_ident(ac.collname) ELSE '' END,"
    " '' ORDER BY a.attnum) FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid"
    " LEFT JOIN pg_collation ac ON ac.oid = a.attcollation LEFT JOIN pg_namespace an ON an.oid = ac.collnamespace"
    " WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '')"
    " WHEN 'r' THEN 'RANGE OF ' || (SELECT concat_ws(' ', format_type(r.rngsubtype, NULL),"
    " 'OPCLASS ' || quote_ident(o.opcname), 'COLLATION ' || quote_ident(rc.collname),"
    " 'CANONICAL ' || nullif(r.rngcanonical::text, '-'), 'SUBTYPE_DIFF ' || nullif(r.rngsubdiff::text, '-'))"
    " FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc LEFT JOIN pg_collation rc"
    " ON rc.oid = r.rngcollation WHERE r.rngtypid = t.oid)"
    " ELSE 'BASE INPUT ' || t.typinput::text || ' OUTPUT ' || t.typoutput::text || ' LENGTH ' || t.typlen END, " MAJED_ACCESS(
        "t.typacl", "T", "t.typowner") ")"
    " FROM pg_type t JOIN own ON own.oid = t.typnamespace LEFT JOIN pg_type bt ON bt.oid = t.typbasetype"
    " LEFT JOIN pg_collation co ON co.oid = t.typcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace"
    " WHERE t.typisdefined" MAJED_NOT_DEPENDENT("pg_type", "t.oid");

/// Copies on partitions only where they are switched otherwise than usual.
inline constexpr std::string_view triggers = MAJED_RELATIONS
    "SELECT 'trigger', quote_ident(c.relname) || '.' || quote_ident(g.tgname), pg_get_triggerdef(g.oid)"
    " || CASE g.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN E'\\nDISABLED' WHEN 'R' THEN E'\\nENABLE REPLICA'"
    " ELSE E'\\nENABLE ALWAYS' END FROM rel c JOIN pg_trigger g ON g.tgrelid = c.oid"
    " WHERE NOT g.tgisinternal AND (g.tgenabled <> 'O' OR NOT EXISTS (SELECT 1 FROM pg_depend p"
    " WHERE p.classid = 'pg_trigger'::regclass AND p.objid = g.oid AND p.deptype = 'P'))";

inline constexpr std::string_view rules = MAJED_RELATIONS
    "SELECT 'rule', quote_ident(c.relname) || '.' || quote_ident(w.rulename), pg_get_ruledef(w.oid)"
    " || CASE w.ev_enabled WHEN 'O' THEN '' ELSE E'\\nENABLED ' || w.ev_enabled::text END"
    " FROM rel c JOIN pg_rewrite w ON w.ev_class = c.oid WHERE w.rulename <> '_RETURN'";

inline constexpr std::string_view policies = MAJED_RELATIONS
    "SELECT 'policy', quote_ident(c.relname) || '.' || quote_ident(y.polname), concat_ws(E'\\n',"
    " CASE WHEN y.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, 'FOR ' || CASE y.polcmd"
    " WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' "
    "END,"
    " 'TO ' || (SELECT string_agg(q.who, ', ' ORDER BY q.who COLLATE \"C\") FROM (SELECT CASE u WHEN 0 THEN"
    " 'PUBLIC' ELSE quote_ident(pg_get_userbyid(u)) END AS who FROM unnest(y.polroles) u) q),"
    " 'USING (' || pg_get_expr(y.polqual, y.polrelid) || ')',"
    " 'WITH CHECK (' || pg_get_expr(y.polwithcheck, y.polrelid) || ')')"
    " FROM rel c JOIN pg_policy y ON y.polrelid = c.oid";

inline constexpr std::string_view statistics = MAJED_OWN
    "SELECT 'statistics', quote_ident(x.stxname), pg_get_statisticsobjdef(x.oid) || E'\\n' || " MAJED_OWNER(
        "x.stxowner") " FROM pg_statistic_ext x JOIN own ON own.oid = x.stxnamespace WHERE true" MAJED_NOT_DEPENDENT(
        "pg_statistic_ext", "x.oid");

#undef MAJED_NOT_DEPENDENT
#undef MAJED_OWN
#undef MAJED_RELATIONS
#undef MAJED_OWNER
#undef MAJED_GRANTS
#undef MAJED_ACCESS
#undef MAJED_OPTIONS
#undef MAJED_SEQUENCE

inline constexpr std::array<std::string_view, 12> all{tables,   columns,   constraints, indexes,
                                                      views,    sequences, functions,   types,
                                                      triggers, rules,     policies,    statistics};

}  // namespace majed::migrate::postgresql_text
