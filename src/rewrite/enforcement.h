/// Policies and catalogue of one source, compiled: which view each role reads each table through.
///
/// Why      Everything that does not depend on the statement is decided once per policy, not once per query.
/// Life     Immutable; a new policy or schema makes a new one, with new unguessable names.
/// Threads  Safe to read from any thread.
/// Not here The rules (policy/), installing the views (driver/), a statement's text (rewriter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "core/short_text.h"
#include "core/text_map.h"
#include "driver/guard.h"
#include "policy/policy_set.h"
#include "rewrite/inline_view.h"
#include "rewrite/login_reach.h"
#include "rewrite/write_draft.h"
#include "rewrite/write_target.h"
#include "sql/dialect.h"
#include "sql/schema.h"
#include "sql/tree.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace majed::rewrite {

/// One way to see one table: a filter, masks, columns left out. Shared by all roles that see it so.
struct Variant {
    sql::SchemaRelation relation;  ///< As the statement's names see it; `id` is this variant's place.
    std::string view;              ///< Guard view to read.
    std::string
        guarded_view;  ///< The same with a last column saying "the filter let it pass"; empty: no filter.
    std::string predicate;                       ///< The operator's text; empty: all rows.
    std::vector<std::string> scalar_attributes;  ///< Needed with exactly one value.
    std::vector<std::string> list_attributes;    ///< Needed with at least one value.
    std::optional<std::size_t> without_rows;     ///< The variant for those who lack an attribute.
    InlineView inlined;                          ///< Instead of the guard views, on a server.

    // What its view is made of.
    std::string shown;               ///< What it selects.
    std::string rows;                ///< ` FROM ... WHERE ...`
    std::vector<std::string> reads;  ///< Every base table it may open.
    bool reads_json = false;
};

class Enforcement;

/// What names mean at a server, beside its tables.
struct ServerNames {
    const sql::Dialect* dialect = nullptr;
    driver::ServerFacts facts;                    ///< What users defined there, which no statement may run.
    const sql::SchemaRelation* always = nullptr;  ///< Oracle: DUAL, which every role reads.
    /// Of relations that are found without a schema: by name, their keys (key_on_server).
    TextMap<std::string> on_path = {};
    /// Oracle: of synonyms that are named with their schema: by their keys, those of their tables.
    TextMap<std::string> synonyms = {};

    /// Of the relation that is meant by a name, in `room` or here; empty when none is.
    [[nodiscard]] std::string_view full_key(std::string_view qualifier, std::string_view name,
                                            ShortText& room) const;
};

/// What a role sees of the source, for principals with the same attributes present: a sql::Schema.
class Profile final : public sql::Schema {
public:
    [[nodiscard]] const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                                           std::string_view name) const override;
    [[nodiscard]] bool function_allowed(std::string_view name) const override;
    [[nodiscard]] bool type_allowed(std::string_view name) const override;
    [[nodiscard]] bool operator_allowed(std::string_view name) const override;
    /// Any table that a rule for the role names, be it for reading alone.
    [[nodiscard]] const sql::SchemaRelation* find_target(std::string_view qualifier,
                                                         std::string_view name) const override;
    /// The target that find_target answered with.
    [[nodiscard]] const WriteTarget& target(const sql::SchemaRelation& relation) const;

    /// Unique in this process; principals with one profile may share prepared statements.
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    /// Every relation this profile may read, in catalogue order.
    [[nodiscard]] const std::vector<const sql::SchemaRelation*>& relations() const noexcept {
        return visible_;
    }

private:
    friend class Enforcement;
    std::uint64_t id_ = 0;
    TextMap<const sql::SchemaRelation*> by_folded_name_;
    TextMap<std::unique_ptr<const WriteTarget>> targets_;  // by folded name; on a server by key_on_server
    std::vector<const sql::SchemaRelation*> visible_;
    std::shared_ptr<const ServerNames> server_;  ///< nullptr: SQLite, whose names match without case.
};

/// Names nobody can guess, for one enforcement.
struct Nonce {
    std::string text;                    ///< `g_` and 32 hex digits from the system's random source.
    std::uint64_t generation = 0;        ///< Greater than every one before.
    std::vector<std::uint8_t> hash_key;  ///< Key of `hash` masks.
};

class Enforcement {
public:
    /// Compiles `policies` for the source called `source`. `enforcer`: of a server, who filters its rows.
    /// Errors: invalid_argument, naming the rule's origin: a table or column that does not exist, a predicate or
    /// mask that does not parse or resolve.
    [[nodiscard]] static Result<std::shared_ptr<const Enforcement>> compile(
        const policy::PolicySet& policies, std::string_view source, const catalog::Snapshot& catalog,
        Nonce nonce, Enforcer enforcer = Enforcer::gateway);

    /// Who sees what with these attributes; stable for the life of this object.
    [[nodiscard]] const Profile& profile(std::optional<policy::Role> role,
                                         const Attributes& attributes) const;

    [[nodiscard]] const std::shared_ptr<const driver::GuardSet>& guard_set() const noexcept {
        return guards_;
    }
    [[nodiscard]] const Variant& variant(const sql::SchemaRelation& relation) const {
        return *variants_[relation.id];
    }
    /// Does the statement read a query instead of this item, a table with a rule?
    [[nodiscard]] bool inlines(const sql::FromItem& item) const {
        return item.relation != nullptr && !variant(*item.relation).inlined.whole;
    }
    [[nodiscard]] const std::string& secret_prefix() const noexcept { return guards_->secret_prefix; }
    /// Last column of every guarded view.
    [[nodiscard]] const std::string& passed_column() const noexcept { return passed_column_; }
    /// Columns of a guard view, by the view's name; nullptr for any other name.
    [[nodiscard]] const sql::SchemaRelation* guard_relation(std::string_view view) const;

    /// How statements for this source are read.
    [[nodiscard]] const sql::Dialect& dialect() const noexcept {
        return server_ != nullptr ? *server_->dialect : sql::sqlite_dialect();
    }
    /// On a server: the name under which inlined views read their tables.
    [[nodiscard]] const std::string& inline_alias() const noexcept { return secret_prefix(); }
    /// A table on a server by its schema and name, with all its columns; nullptr when there is none.
    [[nodiscard]] const sql::SchemaRelation* base_relation(std::string_view schema,
                                                           std::string_view name) const;

    /// Who filters rows; masks are always ours.
    [[nodiscard]] Enforcer enforcer() const noexcept { return enforcer_; }
    /// What inlined views take as parameters, beside attributes of the principal.
    [[nodiscard]] const Attributes& own_parameters() const noexcept { return own_parameters_; }
    /// The table itself, as a verified write may name it under base_schema(); nullptr when there is none.
    [[nodiscard]] const TableFacts* base_table(std::string_view name) const;
    /// The same on a server, by its names there.
    [[nodiscard]] const TableFacts* base_table(std::string_view qualifier, std::string_view name) const;
    /// Guard view that fails whoever reads it: its column is called like the view.
    [[nodiscard]] const std::string& conflict_view() const noexcept { return conflict_view_; }
    [[nodiscard]] const std::string& base_schema() const noexcept { return guards_->base_schema; }

    /// True when some rule names `attribute`.
    [[nodiscard]] bool uses_attribute(std::string_view attribute) const;

    /// True when one of these guard views opens a table whose readers are recorded first, be it for a rule's predicate.
    [[nodiscard]] bool audits_strictly(const std::vector<std::string>& guard_views) const;

    /// `sql` with unguessable names made readable, for reports to admins.
    [[nodiscard]] std::string readable(std::string sql) const;

private:
    friend class EnforcementCompiler;
    friend class InlineCompiler;
    Enforcement() = default;

    std::vector<std::unique_ptr<Variant>> variants_;
    std::array<std::map<std::string, std::size_t>, policy::all_roles.size()>
        by_role_;  // folded table -> variant
    std::array<std::map<std::string, std::unique_ptr<TargetDraft>>, policy::all_roles.size()> drafts_;
    FactsByTable tables_;
    std::vector<std::string> attributes_;  // every attribute some variant needs, in a fixed order
    std::vector<std::string> list_attributes_;
    std::string passed_column_;
    std::string conflict_view_;
    std::shared_ptr<const driver::GuardSet> guards_;
    TextMap<sql::SchemaRelation> guard_relations_;  // by view name
    std::unordered_set<std::string> strict_views_;
    std::shared_ptr<const ServerNames> server_;
    Attributes own_parameters_;
    Enforcer enforcer_ = Enforcer::gateway;
    TextMap<sql::SchemaRelation> base_relations_;  // by key_on_server
    struct Profiles;
    std::shared_ptr<Profiles> profiles_;
};

/// How a table is looked up on a server; `schema` empty: as the search path finds it.
[[nodiscard]] std::string key_on_server(std::string_view schema, std::string_view name);
/// The same in `room`, which was empty.
[[nodiscard]] std::string_view key_on_server(std::string_view schema, std::string_view name, ShortText& room);

/// The table functions everyone may use: json_each, json_tree. nullptr for any other name.
[[nodiscard]] const sql::SchemaRelation* json_table(std::string_view name);

}  // namespace majed::rewrite
