// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/catalog_reader.h"

#include "core/ascii.h"
#include "driver/native_context.h"

#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace majed::driver::oracle {

namespace {

using Key = std::pair<std::string, std::string>;
using Objects = std::map<Key, ObjectDescription>;

/// Owners that come with the database are left out everywhere. LONG columns are not read: TEXT_VC instead of TEXT
/// (12.2), and it holds 4000 bytes; a longer definition stays empty.
constexpr std::string_view tables_sql =
    "SELECT t.owner, t.table_name, NVL(t.iot_type, '-'), t.secondary"
    " FROM all_tables t JOIN all_users u ON u.username = t.owner"
    " WHERE u.oracle_maintained = 'N' AND t.nested = 'NO' AND t.dropped = 'NO'";
constexpr std::string_view views_sql =
    "SELECT v.owner, v.view_name, CASE WHEN v.text_length <= 4000 THEN v.text_vc END"
    " FROM all_views v JOIN all_users u ON u.username = v.owner"
    " WHERE u.oracle_maintained = 'N'";
constexpr std::string_view columns_sql =
    "SELECT c.owner, c.table_name, c.column_name, c.data_type, c.data_length, c.char_length, "
    "c.data_precision,"
    " c.data_scale, c.nullable, c.hidden_column, c.data_type_owner, c.data_type_mod,"
    " c.virtual_column"
    " FROM all_tab_cols c JOIN all_users u ON u.username = c.owner"
    " WHERE u.oracle_maintained = 'N' AND c.user_generated = 'YES'"
    " ORDER BY c.owner, c.table_name, c.column_id";
constexpr std::string_view indexes_sql =
    "SELECT i.table_owner, i.table_name, i.index_name"
    " FROM all_indexes i JOIN all_users u ON u.username = i.table_owner"
    " WHERE u.oracle_maintained = 'N' ORDER BY i.table_owner, i.table_name, i.index_name";

// Who we are, and what names mean there.
constexpr std::string_view login_sql =
    "SELECT SYS_CONTEXT('USERENV', 'SESSION_USER'), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM dual";
/// Those that come with the database mean what everybody takes them for. The last column: a name without a schema may be it.
constexpr std::string_view synonyms_sql =
    "SELECT s.owner, s.synonym_name, s.table_owner, s.table_name,"
    " CASE WHEN s.db_link IS NULL THEN 'N' ELSE 'Y' END,"
    " CASE WHEN s.owner IN ('PUBLIC', SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) THEN 'Y' ELSE 'N' END"
    " FROM all_synonyms s LEFT JOIN all_users u ON u.username = s.table_owner"
    " LEFT JOIN all_users o ON o.username = s.owner"
    " WHERE s.owner = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') OR o.oracle_maintained = 'N'"
    " OR (s.owner = 'PUBLIC' AND (s.db_link IS NOT NULL OR u.oracle_maintained = 'N'))";
constexpr std::string_view callable_sql =
    "SELECT o.object_name, o.object_type FROM all_objects o"
    " WHERE o.owner = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')"
    " AND o.object_type IN ('FUNCTION', 'PROCEDURE', 'PACKAGE', 'OPERATOR', 'TYPE')";
constexpr std::string_view privileges_sql = "SELECT p.privilege FROM session_privs p";
constexpr std::string_view roles_sql = "SELECT r.role FROM session_roles r";
constexpr std::string_view grants_sql =
    "SELECT DISTINCT p.privilege, p.table_schema, p.table_name FROM all_tab_privs p"
    " JOIN all_users u ON u.username = p.table_schema"
    " WHERE u.oracle_maintained = 'N' AND p.privilege NOT IN ('SELECT', 'READ')"
    " AND (p.grantee IN ('PUBLIC', SYS_CONTEXT('USERENV', 'SESSION_USER'))"
    " OR p.grantee IN (SELECT r.role FROM session_roles r)) ORDER BY 2, 3, 1";
/// Changes with every definition that a statement or a rule may depend on, as far as one second tells.
constexpr std::string_view version_sql =
    "SELECT TO_CHAR(NVL(SUM(ORA_HASH(o.owner || '.' || o.object_name || '.' || o.object_type"
    " || TO_CHAR(o.last_ddl_time, 'YYYY-MM-DD HH24:MI:SS'))), 0)) FROM all_objects o"
    " LEFT JOIN all_users u ON u.username = o.owner"
    " WHERE (u.oracle_maintained = 'N' OR (o.owner = 'PUBLIC' AND o.oracle_maintained = 'N'))"
    " AND o.object_type IN ('TABLE', 'VIEW', 'SYNONYM', 'FUNCTION', 'PROCEDURE', 'PACKAGE', 'OPERATOR', "
    "'TYPE')";

// What a write to one table does to others. The ALL_ views leave out what belongs to others: triggers on tables of another
// schema, foreign keys of tables that cannot be read.
constexpr std::string_view triggers_sql =
    "SELECT t.table_owner, t.table_name, t.owner || '.' || t.trigger_name FROM dba_triggers t"
    " JOIN all_users u ON u.username = t.table_owner"
    " WHERE u.oracle_maintained = 'N' AND t.status = 'ENABLED' ORDER BY t.table_owner, t.table_name, 3";
#define MAJED_ORACLE_CASCADES                                                                          \
    " FROM dba_constraints p JOIN dba_constraints c ON c.r_owner = p.owner AND c.r_constraint_name = " \
    "p.constraint_name WHERE c.constraint_type = 'R' AND c.delete_rule <> 'NO ACTION'"
constexpr std::string_view cascades_sql =
    "SELECT p.owner, p.table_name, c.owner, c.table_name, c.constraint_name, "
    "c.delete_rule" MAJED_ORACLE_CASCADES;
constexpr std::string_view trigger_version_sql =
    "SELECT TO_CHAR(NVL(SUM(ORA_HASH(t.table_owner || '.' || t.table_name || '.' || t.owner || '.'"
    " || t.trigger_name || '.' || t.status)), 0)) FROM dba_triggers t"
    " JOIN all_users u ON u.username = t.table_owner WHERE u.oracle_maintained = 'N'";
/// Of one table, as it is now.
constexpr std::string_view fires_sql =
    "SELECT COUNT(*) FROM dba_triggers t WHERE t.table_owner = :1 AND t.table_name = :2 AND t.status = "
    "'ENABLED'";
constexpr std::string_view cascades_now_sql =
    "SELECT COUNT(*)" MAJED_ORACLE_CASCADES " AND p.owner = :1 AND p.table_name = :2";
#undef MAJED_ORACLE_CASCADES

// Virtual Private Database: the policies on what the login sees, the context they ask, and the packages behind both.
constexpr std::string_view policies_sql =
    "SELECT p.object_owner, p.object_name, p.policy_group, p.policy_name, p.pf_owner, p.package, p.function,"
    " p.sel, p.ins, p.upd, p.del, p.idx, p.chk_option, p.enable, p.long_predicate, p.policy_type,"
    " CASE WHEN EXISTS (SELECT 1 FROM all_sec_relevant_cols c WHERE c.object_owner = p.object_owner"
    " AND c.object_name = p.object_name AND c.policy_group = p.policy_group"
    " AND c.policy_name = p.policy_name) THEN 'YES' ELSE 'NO' END"
    " FROM all_policies p JOIN all_users u ON u.username = p.object_owner"
    " WHERE u.oracle_maintained = 'N' ORDER BY p.object_owner, p.object_name, p.policy_group, p.policy_name";
constexpr std::string_view context_sql =
    "SELECT c.schema, c.package, c.type FROM dba_context c WHERE c.namespace = :1";
constexpr std::string_view source_sql =
    "SELECT s.name, s.type, s.text FROM dba_source s WHERE s.owner = :1 AND s.name IN (:2, :3)"
    " AND s.type IN ('PACKAGE', 'PACKAGE BODY') ORDER BY s.name, s.type, s.line";
constexpr std::string_view policy_version_sql =
    "SELECT TO_CHAR(NVL(SUM(ORA_HASH(p.object_owner || '.' || p.object_name || '.' || p.policy_group || '.'"
    " || p.policy_name || '.' || p.pf_owner || '.' || p.package || '.' || p.function || '.' || p.sel || p.ins"
    " || p.upd || p.del || p.idx || p.chk_option || p.enable || p.long_predicate || p.policy_type)), 0))"
    " FROM all_policies p JOIN all_users u ON u.username = p.object_owner WHERE u.oracle_maintained = 'N'";
constexpr std::string_view policy_columns_version_sql =
    "SELECT TO_CHAR(NVL(SUM(ORA_HASH(c.object_owner || '.' || c.object_name || '.' || c.policy_group || '.'"
    " || c.policy_name)), 0)) FROM all_sec_relevant_cols c";
/// With EXEMPT ACCESS POLICY no policy holds for the login.
constexpr std::string_view privileges_version_sql =
    "SELECT TO_CHAR(NVL(SUM(ORA_HASH(p.privilege)), 0)) FROM session_privs p";
constexpr std::string_view context_version_sql =
    "SELECT TO_CHAR(NVL(SUM(ORA_HASH(c.schema || '.' || c.package || '.' || c.type)), 0)) FROM dba_context c"
    " WHERE c.namespace = :1";
/// The text alone is hashed: with more before it, it could be longer than a text can be.
constexpr std::string_view source_version_sql =
    "SELECT TO_CHAR(NVL(SUM(ORA_HASH(s.name || '.' || s.type) + ORA_HASH(s.text, 4294967295, s.line)), 0))"
    " FROM dba_source s JOIN dba_context c ON c.schema = s.owner"
    " WHERE c.namespace = :1 AND s.name IN (:2, :3)";

constexpr std::uint64_t most_bytes = 256U << 20U;
/// Of the packages that hold the rules: far more than they can be.
constexpr std::uint64_t most_source_bytes = 16U << 20U;

/// Hands each row to a function; cells are read as text or as whole numbers.
class RowReaderSink final : public RowSink {
public:
    using Row = std::span<const ValueView>;
    explicit RowReaderSink(std::function<void(Row)> take) : take_(std::move(take)) {}
    [[nodiscard]] Result<void> row(std::span<const ValueView> cells) override {
        take_(cells);
        return {};
    }

private:
    std::function<void(Row)> take_;
};

std::string text(const ValueView& cell) {
    if (const auto* const view = std::get_if<std::string_view>(&cell)) {
        return std::string(*view);
    }
    const auto* const number = std::get_if<std::int64_t>(&cell);
    return number == nullptr ? std::string() : std::to_string(*number);
}

/// `VARCHAR2(40)`, `NUMBER(12,2)`, `DATE`; of a user's type `SHOP.ADDRESS`, `REF SHOP.ADDRESS`.
std::string declared_type(std::span<const ValueView> row) {
    std::string type = text(row[3]);
    const std::string owner = text(row[10]);
    const std::string mode = text(row[11]);
    if (!owner.empty() && owner != "PUBLIC" && owner != "SYS") {
        return (mode.empty() ? "" : mode + " ") + owner + "." + type;
    }
    if (!mode.empty()) {
        return mode + " " + type;
    }
    const std::string precision = text(row[6]);
    const std::string scale = text(row[7]);
    if (type == "VARCHAR2" || type == "NVARCHAR2" || type == "CHAR" || type == "NCHAR") {
        type += "(" + text(row[5]) + ")";
    } else if (type == "RAW") {
        type += "(" + text(row[4]) + ")";
    } else if (type == "NUMBER" && !precision.empty()) {
        type += "(" + precision + (scale.empty() || scale == "0" ? "" : "," + scale) + ")";
    } else if (type == "NUMBER" && !scale.empty()) {
        type += "(*," + scale + ")";
    } else if (type == "FLOAT" && !precision.empty()) {
        type += "(" + precision + ")";
    }
    return type;
}

/// What is not granted is not there.
bool is_withheld(const Error& error) {
    return error.native_code == 942 || error.native_code == 1031;
}

Value text_value(std::string_view text) {
    return Value(std::string(text));
}

Result<void> unless_withheld(const Result<void>& read) {
    return read || is_withheld(read.error()) ? Result<void>() : read;
}

class CatalogReading {
public:
    CatalogReading(Connection& connection, Deadline deadline)
        : connection_(connection), deadline_(deadline) {}

    /// nullopt: the sum is too large, which no schema's is.
    Result<std::optional<std::int64_t>> version() {
        std::optional<std::int64_t> sum;
        const auto add = [&sum](auto row) {
            const std::string digits = text(row[0]);
            std::int64_t number = 0;
            const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
            if (problem == std::errc() && end == digits.data() + digits.size()) {
                sum = sum.value_or(0) + number;
            }
        };
        MAJED_TRY(run(version_sql, add));
        const Parameters context{{text_value(oracle_context)}, {}};
        const Parameters packages{{text_value(oracle_context), text_value(oracle_context_package),
                                   text_value(oracle_rules_package)},
                                  {}};
        MAJED_TRY(unless_withheld(run(trigger_version_sql, add)));
        MAJED_TRY(unless_withheld(run(policy_version_sql, add)));
        MAJED_TRY(unless_withheld(run(policy_columns_version_sql, add)));
        MAJED_TRY(run(privileges_version_sql, add));
        MAJED_TRY(unless_withheld(run(context_version_sql, add, context)));
        MAJED_TRY(unless_withheld(run(source_version_sql, add, packages)));
        return sum;
    }

    /// Does a write to the table do something to others, now?
    Result<bool> drags(const WriteGrant& grant) {
        std::int64_t found = 0;
        const auto count = [&found](auto row) {
            const auto* const number = std::get_if<std::int64_t>(&row[0]);
            found += number != nullptr ? *number : text(row[0]) == "0" ? 0 : 1;
        };
        const Parameters table{{Value(grant.schema), Value(grant.table)}, {}};
        MAJED_TRY(run(fires_sql, count, table));
        if (grant.deletes) {
            MAJED_TRY(run(cascades_now_sql, count, table));
        }
        return found != 0;
    }

    Result<SchemaDescription> read() {
        // Before the rest: what changes meanwhile makes another version.
        MAJED_TRY_ASSIGN(const auto version, this->version());
        MAJED_TRY(run(tables_sql, [this](auto row) { add_table(row); }));
        MAJED_TRY(run(views_sql, [this](auto row) { add_view(row); }));
        MAJED_TRY(run(columns_sql, [this](auto row) { add_column(row); }));
        MAJED_TRY(run(indexes_sql, [this](auto row) { add_index(row); }));
        MAJED_TRY(read_consequences());
        MAJED_TRY(read_server());
        MAJED_TRY(read_access_policies());
        SchemaDescription schema;
        schema.version = version;
        schema.server = std::move(server_);
        schema.objects.reserve(objects_.size());
        for (auto& [key, object] : objects_) {
            schema.objects.push_back(std::move(object));
        }
        return schema;
    }

private:
    Result<void> run(std::string_view sql, std::function<void(std::span<const ValueView>)> take,
                     const Parameters& parameters = {}, std::uint64_t bytes = most_bytes) {
        RowReaderSink sink(std::move(take));
        const RunLimits limits{.deadline = deadline_, .max_bytes = bytes};
        MAJED_TRY(connection_.execute(sql, parameters, limits, sink));
        return {};
    }

    Result<void> read_consequences() {
        auto read = run(triggers_sql, [this](auto row) {
            const auto found = objects_.find({text(row[0]), text(row[1])});
            if (found != objects_.end()) {
                found->second.facts.triggers.push_back(text(row[2]));
            }
        });
        if (read) {
            read = run(cascades_sql, [this](auto row) { add_cascade(row); });
        }
        server_.sees_consequences = read.has_value();
        return unless_withheld(read);
    }
    void add_cascade(std::span<const ValueView> row) {
        const auto found = objects_.find({text(row[0]), text(row[1])});
        if (found == objects_.end()) {
            return;
        }
        ForeignKey key;
        key.table = {text(row[2]), text(row[3])};
        key.target = {text(row[0]), text(row[1])};
        key.name = text(row[4]);
        key.on_delete = text(row[5]) == "SET NULL" ? KeyAction::set_null : KeyAction::cascade;
        found->second.facts.referenced_by.push_back(std::move(key));
    }

    Result<void> read_server() {
        server_.make = ServerMake::oracle;
        MAJED_TRY(run(login_sql, [this](auto row) {
            server_.login = text(row[0]);
            server_.search_path = {text(row[1])};
        }));
        MAJED_TRY(run(synonyms_sql, [this](auto row) {
            server_.synonyms.push_back(
                {text(row[0]), text(row[1]), text(row[2]), text(row[3]), text(row[4]) == "Y"});
            if (text(row[5]) == "Y") add_callable(text(row[1]), true);
        }));
        MAJED_TRY(
            run(callable_sql, [this](auto row) { add_callable(text(row[0]), text(row[1]) == "TYPE"); }));
        MAJED_TRY(run(privileges_sql, [this](auto row) { add_privilege(text(row[0])); }));
        MAJED_TRY(run(roles_sql, [this](auto row) { server_.superuser |= text(row[0]) == "DBA"; }));
        MAJED_TRY(run(grants_sql, [this](auto row) {
            server_.powers.push_back(text(row[0]) + " on " + text(row[1]) + "." + text(row[2]));
        }));
        server_.superuser |= server_.login == "SYS" || server_.login == "SYSTEM";
        for (auto& [key, object] : objects_) {
            object.facts.login_reads = true;
            object.facts.login_owns = object.schema == server_.login;
        }
        return {};
    }

    Result<void> read_access_policies() {
        MAJED_TRY(unless_withheld(run(policies_sql, [this](auto row) { add_access_policy(row); })));
        const Parameters context{{text_value(oracle_context)}, {}};
        auto read = run(
            context_sql,
            [this](auto row) {
                server_.context = TrustedContext{text(row[0]), text(row[1]), text(row[2])};
            },
            context);
        if (!read && is_withheld(read.error())) {
            server_.withheld.emplace_back("sys.dba_context");
            return {};
        }
        return read && server_.context ? read_packages() : read;
    }
    Result<void> read_packages() {
        const Parameters packages{{Value(server_.context->owner), text_value(oracle_context_package),
                                   text_value(oracle_rules_package)},
                                  {}};
        auto read = run(
            source_sql, [this](auto row) { add_source(text(row[0]), text(row[1]), text(row[2])); }, packages,
            most_source_bytes);
        if (!read && is_withheld(read.error())) {
            server_.withheld.emplace_back("sys.dba_source");
            return {};
        }
        // What was cut off is not what the rules make.
        return !read && read.error().code == ErrorCode::too_large ? Result<void>() : read;
    }
    void add_source(const std::string& name, const std::string& type, std::string line) {
        const bool body = type == "PACKAGE BODY";
        auto& packages = server_.packages;
        if (packages.empty() || packages.back().name != name || packages.back().body != body) {
            packages.push_back({name, body, {}});
        }
        if (!line.ends_with('\n')) {
            line += '\n';
        }
        packages.back().text += line;
    }
    void add_access_policy(std::span<const ValueView> row) {
        const auto found = objects_.find({text(row[0]), text(row[1])});
        if (found == objects_.end()) {
            return;
        }
        const auto yes = [row](std::size_t place) { return text(row[place]) == "YES"; };
        found->second.facts.access_policies.push_back({.group = text(row[2]),
                                                       .name = text(row[3]),
                                                       .owner = text(row[4]),
                                                       .package = text(row[5]),
                                                       .function = text(row[6]),
                                                       .selects = yes(7),
                                                       .inserts = yes(8),
                                                       .updates = yes(9),
                                                       .deletes = yes(10),
                                                       .indexes = yes(11),
                                                       .checks = yes(12),
                                                       .enabled = yes(13),
                                                       .long_condition = yes(14),
                                                       .type = text(row[15]),
                                                       .of_columns = yes(16)});
    }
    void add_callable(const std::string& name, bool may_be_type) {
        server_.functions.push_back(ascii_lower(name));
        if (may_be_type) {
            server_.types.push_back(ascii_lower(name));
        }
    }
    void add_privilege(const std::string& privilege) {
        server_.superuser |= privilege == "SELECT ANY TABLE" || privilege == "READ ANY TABLE";
        server_.bypasses_row_security |= privilege == "EXEMPT ACCESS POLICY";
        if (privilege != "CREATE SESSION" && privilege != "SET CONTAINER") {
            server_.powers.push_back(privilege);
        }
    }

    ObjectDescription& object(std::span<const ValueView> row) {
        ObjectDescription& found = objects_[{text(row[0]), text(row[1])}];
        found.schema = text(row[0]);
        found.name = text(row[1]);
        return found;
    }
    void add_table(std::span<const ValueView> row) {
        ObjectDescription& table = object(row);
        const bool is_part_of_another = text(row[2]).starts_with("IOT_") || text(row[3]) == "Y";
        table.kind = is_part_of_another ? ObjectKind::internal : ObjectKind::table;
    }
    void add_view(std::span<const ValueView> row) {
        ObjectDescription& view = object(row);
        view.kind = ObjectKind::view;
        view.definition = text(row[2]);
    }
    void add_column(std::span<const ValueView> row) {
        const auto found = objects_.find({text(row[0]), text(row[1])});
        if (found != objects_.end()) {
            found->second.columns.push_back(
                {.name = text(row[2]),
                 .declared_type = declared_type(row),
                 .not_null = text(row[8]) == "N",
                 .hidden = text(row[9]) == "YES",
                 .generation = text(row[12]) == "YES" ? Generation::computed : Generation::none});
        }
    }
    void add_index(std::span<const ValueView> row) {
        const auto found = objects_.find({text(row[0]), text(row[1])});
        if (found != objects_.end()) {
            found->second.indexes.push_back(text(row[2]));
        }
    }

    Connection& connection_;
    const Deadline deadline_;
    Objects objects_;
    ServerFacts server_;
};

}  // namespace

Result<SchemaDescription> read_catalog(Connection& connection, Deadline deadline) {
    return CatalogReading(connection, deadline).read();
}

Result<std::optional<std::int64_t>> read_catalog_version(Connection& connection, Deadline deadline) {
    return CatalogReading(connection, deadline).version();
}

Result<bool> drags_others(Connection& connection, const WriteGrant& grant, Deadline deadline) {
    return CatalogReading(connection, deadline).drags(grant);
}

}  // namespace majed::driver::oracle
