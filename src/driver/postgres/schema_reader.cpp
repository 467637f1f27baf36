// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/schema_reader.h"

#include "driver/postgres/schema_queries.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace majed::driver::postgres {

namespace {

namespace queries = schema_queries;

/// Of a transaction begun for it: all that is read is of one moment.
constexpr std::string_view one_moment = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
/// From here on no name can be found but the server's, and types and views are written with all their schemas.
constexpr std::string_view plain_names = "SET LOCAL search_path = pg_catalog";

using Cells = std::span<const ValueView>;

class CallingSink final : public RowSink {
public:
    explicit CallingSink(std::function<void(Cells)> take) : take_(std::move(take)) {}
    Result<void> row(Cells cells) override {
        take_(cells);
        return {};
    }

private:
    std::function<void(Cells)> take_;
};

std::string text_of_cell(const ValueView& cell) {
    const auto* const view = std::get_if<std::string_view>(&cell);
    return view == nullptr ? std::string() : std::string(*view);
}

bool truth(const ValueView& cell) {
    const auto* const value = std::get_if<bool>(&cell);
    return value != nullptr && *value;
}

ObjectKind kind_of(std::string_view relkind) {
    switch (relkind.empty() ? 'r' : relkind.front()) {
        case 'p':
            return ObjectKind::partitioned_table;
        case 'f':
            return ObjectKind::foreign_table;
        case 'm':
            return ObjectKind::materialized_view;
        case 'v':
            return ObjectKind::view;
        default:
            return ObjectKind::table;
    }
}

Generation generation_of(std::string_view letter) {
    switch (letter.empty() ? ' ' : letter.front()) {
        case 's':
            return Generation::stored;
        case 'a':
            return Generation::identity_always;
        case 'd':
            return Generation::identity_by_default;
        default:
            return Generation::none;
    }
}

KeyAction action_of(std::string_view letter) {
    switch (letter.empty() ? 'a' : letter.front()) {
        case 'r':
            return KeyAction::restrict;
        case 'c':
            return KeyAction::cascade;
        case 'n':
            return KeyAction::set_null;
        case 'd':
            return KeyAction::set_default;
        default:
            return KeyAction::no_action;
    }
}

/// pg_policy.polcmd.
PolicyCommand command_of(std::string_view letter) {
    if (letter == "r") {
        return PolicyCommand::select;
    }
    if (letter == "a") {
        return PolicyCommand::insert;
    }
    if (letter == "w") {
        return PolicyCommand::update;
    }
    return letter == "d" ? PolicyCommand::delete_ : PolicyCommand::all;
}

class SchemaReading {
public:
    SchemaReading(Connection& connection, Deadline deadline) : connection_(connection), deadline_(deadline) {}

    Result<SchemaDescription> run() {
        MAJED_TRY(each(one_moment, [](Cells) {}));
        MAJED_TRY(each(queries::version, [&](Cells cells) { schema_.version = number(cells[0]); }));
        MAJED_TRY(read_server());
        MAJED_TRY(each(plain_names, [](Cells) {}));
        MAJED_TRY(each(queries::objects, [&](Cells cells) { take_object(cells); }));
        MAJED_TRY(each(queries::columns, [&](Cells cells) {
            if (ObjectDescription* const object = find(cells[0]); object != nullptr) {
                object->columns.push_back({.name = text_of_cell(cells[1]),
                                           .declared_type = text_of_cell(cells[2]),
                                           .not_null = truth(cells[3]),
                                           .generation = generation_of(text_of_cell(cells[4])),
                                           .collation = text_of_cell(cells[5])});
            }
        }));
        MAJED_TRY(each(queries::indexes, [&](Cells cells) {
            if (ObjectDescription* const object = find(cells[0]); object != nullptr) {
                object->indexes.push_back(text_of_cell(cells[1]));
            }
        }));
        MAJED_TRY(each(queries::keys, [&](Cells cells) { take_key_column(cells); }));
        MAJED_TRY(each(queries::foreign_keys, [&](Cells cells) { take_foreign_key(cells); }));
        MAJED_TRY(each(queries::belongings, [&](Cells cells) { take_belonging(cells); }));
        MAJED_TRY(each(queries::policies, [&](Cells cells) {
            if (ObjectDescription* const object = find(cells[0]); object != nullptr) {
                object->facts.policies.push_back({.name = text_of_cell(cells[1]),
                                                  .permissive = truth(cells[2]),
                                                  .command = command_of(text_of_cell(cells[3])),
                                                  .holds_for_login = truth(cells[4]),
                                                  .login_alone = truth(cells[5]),
                                                  .condition = text_of_cell(cells[6]),
                                                  .check = text_of_cell(cells[7]),
                                                  .comment = text_of_cell(cells[8])});
            }
        }));
        return std::move(schema_);
    }

    Result<void> each(std::string_view sql, std::function<void(Cells)> take) {
        CallingSink sink(std::move(take));
        MAJED_TRY(connection_.execute(sql, {}, {.deadline = deadline_}, sink));
        return {};
    }

private:
    static std::int64_t number(const ValueView& cell) {
        const auto* const value = std::get_if<std::int64_t>(&cell);
        return value == nullptr ? 0 : *value;
    }
    /// nullptr when it is not among the objects.
    ObjectDescription* find(const ValueView& oid) {
        const auto found = by_oid_.find(number(oid));
        return found == by_oid_.end() ? nullptr : &schema_.objects[found->second];
    }

    Result<void> read_server() {
        ServerFacts server;
        MAJED_TRY(each(queries::login, [&](Cells cells) {
            server.login = text_of_cell(cells[0]);
            server.superuser = truth(cells[1]);
            server.bypasses_row_security = truth(cells[2]);
        }));
        MAJED_TRY(each(queries::search_path,
                       [&](Cells cells) { server.search_path.push_back(text_of_cell(cells[0])); }));
        MAJED_TRY(each(queries::redefined, [&](Cells cells) {
            const std::string kind = text_of_cell(cells[0]);
            auto& names = kind == "f" ? server.functions : kind == "o" ? server.operators : server.types;
            names.push_back(text_of_cell(cells[1]));
        }));
        for (auto* const names : {&server.functions, &server.operators, &server.types}) {
            std::sort(names->begin(), names->end());
        }
        schema_.server = std::move(server);
        return {};
    }

    void take_object(Cells cells) {
        by_oid_[number(cells[0])] = schema_.objects.size();
        ObjectDescription object;
        object.schema = text_of_cell(cells[1]);
        object.name = text_of_cell(cells[2]);
        object.kind = kind_of(text_of_cell(cells[3]));
        object.definition = text_of_cell(cells[4]);
        object.facts.partition = truth(cells[5]);
        object.facts.security_invoker = truth(cells[6]);
        object.facts.security_barrier = truth(cells[7]);
        object.facts.owner = text_of_cell(cells[8]);
        object.facts.row_security = truth(cells[9]);
        object.facts.force_row_security = truth(cells[10]);
        object.facts.login_reads = truth(cells[11]);
        object.facts.login_owns = truth(cells[12]);
        schema_.objects.push_back(std::move(object));
    }

    void take_key_column(Cells cells) {
        ObjectDescription* const object = find(cells[0]);
        if (object == nullptr) {
            return;
        }
        std::string name = text_of_cell(cells[1]);
        std::vector<UniqueKey>& keys = object->facts.keys;
        if (keys.empty() || keys.back().name != name) {
            keys.push_back({.name = std::move(name),
                            .primary = truth(cells[2]),
                            .partial = truth(cells[3]),
                            .columns = {}});
        }
        if (std::holds_alternative<Null>(cells[4])) {
            keys.back().expression = true;
        } else {
            keys.back().columns.push_back(text_of_cell(cells[4]));
        }
    }

    void take_foreign_key(Cells cells) {
        const bool first = truth(cells[11]);
        const auto add = [&](std::vector<ForeignKey>& keys) {
            if (first) {
                ForeignKey& key = keys.emplace_back();
                key.name = text_of_cell(cells[2]);
                key.table = {text_of_cell(cells[3]), text_of_cell(cells[4])};
                key.target = {text_of_cell(cells[6]), text_of_cell(cells[7])};
                key.on_update = action_of(text_of_cell(cells[9]));
                key.on_delete = action_of(text_of_cell(cells[10]));
            }
            keys.back().columns.push_back(text_of_cell(cells[5]));
            keys.back().target_columns.push_back(text_of_cell(cells[8]));
        };
        if (ObjectDescription* const referring = find(cells[0]); referring != nullptr) {
            add(referring->facts.references);
        }
        if (ObjectDescription* const target = find(cells[1]); target != nullptr) {
            add(target->facts.referenced_by);
        }
    }

    void take_belonging(Cells cells) {
        ObjectDescription* const object = find(cells[0]);
        if (object == nullptr) {
            return;
        }
        const std::string kind = text_of_cell(cells[1]);
        if (kind == "p") {
            object->facts.parents.push_back({text_of_cell(cells[2]), text_of_cell(cells[3])});
        } else if (kind == "h") {
            object->facts.hidden_children = true;
        } else {
            (kind == "t" ? object->facts.triggers : object->facts.rules).push_back(text_of_cell(cells[3]));
        }
    }

    Connection& connection_;
    Deadline deadline_;
    SchemaDescription schema_;
    std::unordered_map<std::int64_t, std::size_t> by_oid_;
};

}  // namespace

Result<SchemaDescription> read_schema(Connection& connection, Deadline deadline) {
    SchemaReading reading(connection, deadline);
    MAJED_TRY(connection.begin(TransactionMode::read_only, deadline));
    auto schema = reading.run();
    const auto ended = connection.rollback(deadline);
    if (schema && !ended) {
        return ended.error();
    }
    return schema;
}

Result<std::int64_t> read_schema_version(Connection& connection, Deadline deadline) {
    std::int64_t version = 0;
    CallingSink sink([&](Cells cells) {
        const auto* const value = std::get_if<std::int64_t>(cells.data());
        version = value == nullptr ? 0 : *value;
    });
    MAJED_TRY(connection.execute(queries::version, {}, {.deadline = deadline}, sink));
    return version;
}

}  // namespace majed::driver::postgres
