// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/statement_cache.h"

#include "driver/postgres/exchange.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace majed::driver::postgres {

namespace {

/// A view over types would let a hostile database grow it without end.
constexpr std::size_t most_own_types = 4096;
/// Statements that wait for the end of a transaction to be dropped.
constexpr std::size_t most_doomed = 64;

Reading reading_of(const NativeType* type) noexcept {
    return type == nullptr ? Reading::text : type->reading;
}

}  // namespace

Result<StatementCache::Found> StatementCache::get(std::string_view sql) {
    if (const PreparedStatement* const known = kept_.find(sql); known != nullptr) {
        return Found{known, false};
    }
    MAJED_TRY_ASSIGN(StatementText text,
                     texts_ == Texts::rewritten ? StatementText::as_written(sql) : StatementText::read(sql));
    MAJED_TRY_ASSIGN(PreparedStatement statement, prepare(std::move(text)));
    if (const PreparedStatement* const pushed_out = kept_.next_out(); pushed_out != nullptr) {
        doomed_.push_back(pushed_out->name);
    }
    return Found{kept_.put(std::string(sql), std::move(statement)), true};
}

void StatementCache::forget(std::string_view sql) {
    if (const PreparedStatement* const known = kept_.find(sql); known != nullptr) {
        doomed_.push_back(known->name);
        kept_.erase(sql);
    }
}

void StatementCache::drop_all() {
    kept_.for_each([this](const PreparedStatement& known) { doomed_.push_back(known.name); });
    kept_.clear();
}

Result<PreparedStatement> StatementCache::prepare(StatementText text) {
    PreparedStatement statement{.text = std::move(text), .name = "majed_" + std::to_string(++named_)};
    MAJED_TRY_ASSIGN(Pipeline pipeline, Pipeline::open(wire_));
    // A drop that fails would end the caller's transaction; outside one it harms nothing. But a long transaction must
    // not fill the server's memory either.
    const PGTransactionStatusType status = PQtransactionStatus(wire_.native());
    const bool may_drop =
        status == PQTRANS_IDLE || (status == PQTRANS_INTRANS && doomed_.size() >= most_doomed);
    const std::size_t drops = may_drop ? doomed_.size() : 0;
    for (std::size_t i = 0; i < drops; ++i) {
        MAJED_TRY(pipeline.command(("DEALLOCATE " + doomed_[i]).c_str()));
        MAJED_TRY(pipeline.sync());
    }
    MAJED_TRY(pipeline.prepare(statement.name, statement.text.native()));
    MAJED_TRY(pipeline.sync());
    for (std::size_t i = 0; i < drops; ++i) {
        MAJED_TRY(pipeline.read([](std::size_t, PGresult*) {}));
    }
    if (may_drop) {
        doomed_.clear();
    }
    MAJED_TRY_ASSIGN(auto failure, pipeline.read(
                                       [&](std::size_t index, PGresult* result) {
                                           if (index == 1) {
                                               describe(result, statement);
                                           }
                                       },
                                       &statement.text));
    MAJED_TRY(pipeline.close());
    if (failure) {
        return std::move(failure->error);
    }
    if (auto named = name_own_types(statement); !named) {
        doomed_.push_back(statement.name);
        return std::move(named).error();
    }
    return statement;
}

void StatementCache::describe(const PGresult* result, PreparedStatement& statement) {
    for (int i = 0; i < PQnparams(result); ++i) {
        statement.parameters.push_back(PQparamtype(result, i));
    }
    column_types_.clear();
    bool all_binary = true;
    for (int i = 0; i < PQnfields(result); ++i) {
        const Oid oid = PQftype(result, i);
        const NativeType* const type = type_of(oid);
        column_types_.push_back(oid);
        statement.columns.push_back({PQfname(result, i), type == nullptr ? ColumnType::other : type->type,
                                     name_of_type(oid, PQfmod(result, i))});
        statement.readings.push_back(reading_of(type));
        all_binary = all_binary && type != nullptr && type->binary;
    }
    statement.form = all_binary && !statement.columns.empty() ? 1 : 0;
}

Result<void> StatementCache::name_own_types(PreparedStatement& statement) {
    std::string unknown;
    for (std::size_t i = 0; i < column_types_.size(); ++i) {
        if (statement.columns[i].native_type.empty() && !own_types_.contains(column_types_[i])) {
            unknown += (unknown.empty() ? "{" : ",") + std::to_string(column_types_[i]);
        }
    }
    if (!unknown.empty()) {
        const std::array<Value, 1> values{unknown + "}"};
        const std::array<Oid, 1> types{0};
        MAJED_TRY_ASSIGN(const BoundParameters bound, BoundParameters::bind(types, values));
        MAJED_TRY_ASSIGN(const NativeResult named,
                         ask(wire_,
                             "SELECT t.oid, pg_catalog.format_type(t.oid, NULL)"
                             " FROM pg_catalog.pg_type t WHERE t.oid = ANY($1::pg_catalog.oid[])",
                             &bound));
        if (own_types_.size() > most_own_types) {
            own_types_.clear();
        }
        for (int row = 0; row < PQntuples(named.get()); ++row) {
            Oid oid = 0;
            const char* const digits = PQgetvalue(named.get(), row, 0);
            std::from_chars(digits, digits + std::strlen(digits), oid);
            own_types_[oid] = PQgetvalue(named.get(), row, 1);
        }
    }
    for (std::size_t i = 0; i < column_types_.size(); ++i) {
        const auto known = own_types_.find(column_types_[i]);
        if (statement.columns[i].native_type.empty() && known != own_types_.end()) {
            statement.columns[i].native_type = known->second;
        }
    }
    return {};
}

}  // namespace majed::driver::postgres
