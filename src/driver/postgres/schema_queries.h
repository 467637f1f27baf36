/// What is asked of PostgreSQL's own catalogue, as text.
///
/// Why      The reader is about order and meaning; each of these is long, and stands alone.
/// Life     Constants.
/// Threads  Pure.
/// Not here Running them (schema_reader.cpp).
///
/// Every name is qualified or of pg_catalog: the reader runs all but the first two under a search path of pg_catalog alone.
/// The last is a governed session's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace majed::driver::postgres::schema_queries {

/// Schemas that hold what users made. Temporary ones belong to one session.
#define MAJED_POSTGRES_OF_USERS                                                \
    " n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ " \
    "'^pg_(toast|temp_|toast_temp_)' "

/// A relation that can be read in part, of a schema that can be entered.
#define MAJED_POSTGRES_VISIBLE                                                                              \
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"                  \
    " WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't' AND" MAJED_POSTGRES_OF_USERS \
    "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')"                                                   \
    " AND (pg_catalog.has_table_privilege(c.oid, 'SELECT')"                                                 \
    " OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))"

#define MAJED_POSTGRES_ON_PATH                              \
    " (n.nspname = ANY (pg_catalog.current_schemas(false))" \
    " OR n.nspname = 'pg_catalog' AND "

/// What server() is told; under the login's own search path.
inline constexpr std::string_view login =
    "SELECT r.rolname::pg_catalog.text, r.rolsuper, r.rolbypassrls FROM pg_catalog.pg_roles r"
    " WHERE r.rolname = current_user";

inline constexpr std::string_view search_path =
    "SELECT s.name::pg_catalog.text"
    " FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS s(name, place)"
    " WHERE s.name !~ '^pg_' ORDER BY s.place";

/// What a number from 16384 on names was made after the cluster was.
inline constexpr std::string_view redefined =
    "SELECT 'f', p.proname::pg_catalog.text FROM pg_catalog.pg_proc p"
    " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE" MAJED_POSTGRES_ON_PATH
    "p.oid >= 16384)"
    " UNION SELECT 'o', o.oprname::pg_catalog.text FROM pg_catalog.pg_operator o"
    " JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace WHERE" MAJED_POSTGRES_ON_PATH
    "o.oid >= 16384)"
    " UNION SELECT 't', t.typname::pg_catalog.text FROM pg_catalog.pg_type t"
    " JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typelem = 0 AND" MAJED_POSTGRES_ON_PATH
    "t.oid >= 16384)";

/// One number for all that the other queries read, and what else decides about a statement: a change of any row of these
/// gives it another. Rows that only statistics or a vacuum touched stay the same.
inline constexpr std::string_view version =
    "WITH mine AS (SELECT n.oid, n.xmin FROM pg_catalog.pg_namespace n WHERE" MAJED_POSTGRES_OF_USERS
    "), rel AS (SELECT c.oid, c.xmin FROM pg_catalog.pg_class c WHERE c.relnamespace IN (SELECT oid FROM "
    "mine)"
    " AND c.relpersistence <> 't')"
    " SELECT pg_catalog.hashtextextended(pg_catalog.string_agg(part, ' ' ORDER BY part COLLATE \"C\"), 0) "
    "FROM ("
    "SELECT 'n' || oid || '.' || xmin::text AS part FROM mine"
    " UNION ALL SELECT 'c' || oid || '.' || xmin::text FROM rel"
    " UNION ALL SELECT 'a' || attrelid || '.' || attnum || '.' || xmin::text FROM pg_catalog.pg_attribute"
    " WHERE attnum > 0 AND attrelid IN (SELECT oid FROM rel)"
    " UNION ALL SELECT 'k' || oid || '.' || xmin::text FROM pg_catalog.pg_constraint"
    " WHERE connamespace IN (SELECT oid FROM mine)"
    " UNION ALL SELECT 'x' || indexrelid || '.' || xmin::text FROM pg_catalog.pg_index"
    " WHERE indrelid IN (SELECT oid FROM rel)"
    " UNION ALL SELECT 't' || oid || '.' || xmin::text FROM pg_catalog.pg_trigger"
    " WHERE tgrelid IN (SELECT oid FROM rel)"
    " UNION ALL SELECT 'r' || oid || '.' || xmin::text FROM pg_catalog.pg_rewrite"
    " WHERE ev_class IN (SELECT oid FROM rel)"
    " UNION ALL SELECT 'p' || oid || '.' || xmin::text FROM pg_catalog.pg_policy"
    " WHERE polrelid IN (SELECT oid FROM rel)"
    " UNION ALL SELECT 'i' || inhrelid || '.' || inhseqno || '.' || xmin::text FROM pg_catalog.pg_inherits"
    " WHERE inhrelid IN (SELECT oid FROM rel)"
    " UNION ALL SELECT 'f' || oid || '.' || xmin::text FROM pg_catalog.pg_proc WHERE oid >= 16384"
    " UNION ALL SELECT 'o' || oid || '.' || xmin::text FROM pg_catalog.pg_operator WHERE oid >= 16384"
    " UNION ALL SELECT 'y' || oid || '.' || xmin::text FROM pg_catalog.pg_type"
    " WHERE oid >= 16384 AND typnamespace IN (SELECT oid FROM mine)"
    " UNION ALL SELECT 'm' || roleid || '.' || member || '.' || xmin::text FROM pg_catalog.pg_auth_members"
    " UNION ALL SELECT 'l' || r.oid || r.rolsuper || r.rolbypassrls || r.rolinherit FROM pg_catalog.pg_roles "
    "r"
    " WHERE r.rolname = current_user"
    " UNION ALL SELECT 's' || COALESCE((SELECT pg_catalog.string_agg(s.name::text, ',' ORDER BY s.place)"
    " FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS s(name, place)"
    " WHERE s.name !~ '^pg_'), '')) AS parts";

inline constexpr std::string_view objects =
    "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text,"
    " CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,"
    " c.relispartition,"
    " COALESCE((SELECT o.option_value::boolean FROM pg_catalog.pg_options_to_table(c.reloptions) o"
    " WHERE o.option_name = 'security_invoker'), false),"
    " COALESCE((SELECT o.option_value::boolean FROM pg_catalog.pg_options_to_table(c.reloptions) o"
    " WHERE o.option_name = 'security_barrier'), false),"
    " pg_catalog.pg_get_userbyid(c.relowner)::text, c.relrowsecurity, c.relforcerowsecurity,"
    " pg_catalog.has_table_privilege(c.oid, 'SELECT'), pg_catalog.pg_has_role(c.relowner, "
    "'MEMBER')" MAJED_POSTGRES_VISIBLE " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

inline constexpr std::string_view columns =
    "SELECT v.oid, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod),"
    " a.attnotnull OR (t.typtype = 'd' AND t.typnotnull),"
    " CASE WHEN a.attgenerated <> '' THEN 's' ELSE a.attidentity::text END,"
    " CASE WHEN a.attcollation NOT IN (0, t.typcollation) THEN COALESCE((SELECT CASE WHEN "
    "o.collisdeterministic"
    " THEN o.oid::text ELSE 'nondeterministic' END FROM pg_catalog.pg_collation o WHERE o.oid = "
    "a.attcollation), "
    "'') ELSE '' END"
    " FROM (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") v JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " WHERE pg_catalog.has_column_privilege(v.oid, a.attnum, 'SELECT')"
    " ORDER BY v.oid, a.attnum";

inline constexpr std::string_view indexes =
    "SELECT v.oid, i.relname::text FROM (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") v JOIN pg_catalog.pg_index x ON x.indrelid = v.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid"
    " ORDER BY v.oid, i.relname COLLATE \"C\"";

/// A row for each column of a unique index; its name is NULL for an expression.
inline constexpr std::string_view keys =
    "SELECT v.oid, i.relname::text, x.indisprimary, x.indpred IS NOT NULL, a.attname::text"
    " FROM (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") v JOIN pg_catalog.pg_index x ON x.indrelid = v.oid AND x.indisunique AND x.indisvalid"
    " JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid"
    " CROSS JOIN LATERAL pg_catalog.generate_series(0, x.indnkeyatts - 1) AS k(place)"
    " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum = x.indkey[k.place] AND "
    "a.attnum <> 0"
    " ORDER BY v.oid, NOT x.indisprimary, i.relname COLLATE \"C\", k.place";

/// A row for each pair of columns.
inline constexpr std::string_view foreign_keys =
    "WITH v AS (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") SELECT f.conrelid, f.confrelid, f.conname::text, cn.nspname::text, cc.relname::text, ca.attname::text,"
    " tn.nspname::text, tc.relname::text, ta.attname::text, f.confupdtype::text, f.confdeltype::text, "
    "k.place = 1"
    " FROM pg_catalog.pg_constraint f"
    " JOIN pg_catalog.pg_class cc ON cc.oid = f.conrelid"
    " JOIN pg_catalog.pg_namespace cn ON cn.oid = cc.relnamespace"
    " JOIN pg_catalog.pg_class tc ON tc.oid = f.confrelid"
    " JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace"
    " CROSS JOIN LATERAL pg_catalog.generate_series(1, pg_catalog.cardinality(f.conkey)) AS k(place)"
    " JOIN pg_catalog.pg_attribute ca ON ca.attrelid = f.conrelid AND ca.attnum = f.conkey[k.place]"
    " JOIN pg_catalog.pg_attribute ta ON ta.attrelid = f.confrelid AND ta.attnum = f.confkey[k.place]"
    " WHERE f.contype = 'f' AND (f.conrelid IN (SELECT oid FROM v) OR f.confrelid IN (SELECT oid FROM v))"
    " ORDER BY f.conrelid, f.conname COLLATE \"C\", f.oid, k.place";

/// Names of one kind each: parents (`p`, with their schema), triggers (`t`), rules (`r`), children that the login cannot read
/// (`h`).
inline constexpr std::string_view belongings =
    "WITH v AS (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") SELECT i.inhrelid AS relation, 'p' AS kind, n.nspname::text, c.relname::text AS name, i.inhseqno AS "
    "place"
    " FROM pg_catalog.pg_inherits i JOIN v ON v.oid = i.inhrelid"
    " JOIN pg_catalog.pg_class c ON c.oid = i.inhparent JOIN pg_catalog.pg_namespace n ON n.oid = "
    "c.relnamespace"
    " UNION ALL SELECT g.tgrelid, 't', '', g.tgname::text, 0 FROM pg_catalog.pg_trigger g"
    " JOIN v ON v.oid = g.tgrelid WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'"
    " UNION ALL SELECT w.ev_class, 'r', '', w.rulename::text, 0 FROM pg_catalog.pg_rewrite w"
    " JOIN v ON v.oid = w.ev_class WHERE w.rulename <> '_RETURN'"
    " UNION ALL SELECT i.inhparent, 'h', '', i.inhrelid::text, 0 FROM pg_catalog.pg_inherits i"
    " JOIN v ON v.oid = i.inhparent WHERE i.inhrelid NOT IN (SELECT oid FROM v)"
    " ORDER BY 1, 2, 5, 4";

inline constexpr std::string_view policies =
    "SELECT p.polrelid, p.polname::text, p.polpermissive, p.polcmd::text,"
    " 0 = ANY (p.polroles) OR EXISTS (SELECT FROM pg_catalog.unnest(p.polroles) AS x(role)"
    " WHERE x.role <> 0 AND pg_catalog.pg_has_role(x.role, 'MEMBER')),"
    " p.polroles = ARRAY[(SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)],"
    " pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),"
    " pg_catalog.obj_description(p.oid, 'pg_policy')"
    " FROM (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") v JOIN pg_catalog.pg_policy p ON p.polrelid = v.oid"
    " ORDER BY p.polrelid, p.polname COLLATE \"C\"";

/// Would a write to the table `$1.$2` make others happen: by a trigger or a rule of it or of what its rows lie in, or by a
/// foreign key, when rows go (`$3`) or columns `$4` change?
inline constexpr std::string_view dragged =
    "WITH RECURSIVE t AS (SELECT c.oid FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2"
    " UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN t ON t.oid = i.inhparent)"
    " SELECT NOT EXISTS (SELECT FROM t)"
    " OR EXISTS (SELECT FROM pg_catalog.pg_trigger g JOIN t ON t.oid = g.tgrelid"
    " WHERE NOT g.tgisinternal AND g.tgenabled <> 'D')"
    " OR EXISTS (SELECT FROM pg_catalog.pg_rewrite w JOIN t ON t.oid = w.ev_class WHERE w.rulename <> "
    "'_RETURN')"
    " OR EXISTS (SELECT FROM pg_catalog.pg_constraint f JOIN t ON t.oid = f.confrelid WHERE f.contype = 'f'"
    " AND ($3::pg_catalog.bool AND f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd')"
    " AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = f.confrelid"
    " AND a.attnum = ANY (f.confkey) AND a.attname = ANY ($4::pg_catalog.text[]))))";

#undef MAJED_POSTGRES_OF_USERS
#undef MAJED_POSTGRES_VISIBLE
#undef MAJED_POSTGRES_ON_PATH

}  // namespace majed::driver::postgres::schema_queries
