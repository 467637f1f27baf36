// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/statement_run.h"

#include "driver/postgres/exchange.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// For the next piece of what is not wanted, until the server stops sending.
constexpr std::chrono::milliseconds surplus_patience{2000};

}  // namespace

StatementRun::StatementRun(Wire& wire, const PreparedStatement& statement, const RunLimits& limits,
                           RowSink& sink)
    : wire_(wire),
      statement_(statement),
      limits_(limits),
      sink_(sink),
      reader_(statement.readings, statement.form),
      bytes_left_(limits.max_bytes) {}

Result<RunSummary> StatementRun::run(const BoundParameters& parameters, Stake stake) {
    PGconn* const native = wire_.native();
    in_transaction_ = PQtransactionStatus(native) != PQTRANS_IDLE;
    if (PQsendQueryPrepared(native, statement_.name.c_str(), parameters.count(), parameters.values(),
                            parameters.lengths(), parameters.formats(), statement_.form) == 0) {
        return wire_.sending_failed();
    }
    stake_ = stake;
    return read();
}

Result<RunSummary> StatementRun::receive() {
    return read();
}

Result<RunSummary> StatementRun::read() {
    static_cast<void>(PQsetSingleRowMode(wire_.native()));
    while (true) {
        auto result = wire_.next();
        if (!result) {
            // After the server's own last word, what libpq says about the silence is no news.
            refusal_ = refusal_ ? std::move(refusal_) : std::move(result).error();
            break;
        }
        if (*result == nullptr) {
            break;
        }
        take(*result);
        if (refusal_ && !wire_.usable()) {
            break;  // A goodbye, or COPY: nothing that follows would end by itself.
        }
    }
    const bool unheard = refusal_ && !wire_.usable() && refusal_->native_state.empty();
    const bool in_doubt = stake_ == Stake::committed && unheard;
    if (failure_ && !in_doubt) {
        return *std::move(failure_);
    }
    if (summary_.truncated && wire_.stopped() == Wire::Stop::surplus) {
        return summary_;  // A query that was told to stop: whatever its end looked like.
    }
    if (!refusal_) {
        // A server that had ended before it was told to stop has nothing to say: the answer is short all the same.
        return cut_short_ ? Result<RunSummary>(wire_.stop_error()) : summary_;
    }
    if (in_doubt) {
        refusal_->code = ErrorCode::in_doubt;
        refusal_->failure = FailureClass::in_doubt;
        refusal_->message = "the reply to a writing statement was lost: it was carried out or not";
    }
    return *std::move(refusal_);
}

void StatementRun::take(const NativeResult& result) {
    switch (PQresultStatus(result.get())) {
        case PGRES_SINGLE_TUPLE:
            take_row(result.get());
            break;
        case PGRES_TUPLES_OK:
            if (PQntuples(result.get()) != 0) {
                refusal_ = wire_.lost();  // Rows all at once were not asked for, and are not read here.
                break;
            }
            static_cast<void>(begin_rows());
            [[fallthrough]];
        case PGRES_COMMAND_OK:
            tag_ = tag_of(result.get());
            summary_.rows_affected = rows_affected_by(result.get());
            break;
        case PGRES_EMPTY_QUERY:
            break;
        case PGRES_BAD_RESPONSE:
        case PGRES_FATAL_ERROR:
            take_error(result.get());
            break;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
        case PGRES_NONFATAL_ERROR:
        case PGRES_PIPELINE_SYNC:
        case PGRES_PIPELINE_ABORTED:
            // StatementText refuses COPY; whatever leads here is not the protocol this connection speaks.
            refusal_ = wire_.lost();
            break;
    }
}

bool StatementRun::begin_rows() {
    if (begun_ || statement_.columns.empty()) {
        return !failure_;
    }
    begun_ = true;
    auto begun = sink_.begin(statement_.columns);
    wire_.reader_is_back();
    if (!begun) {
        fail(std::move(begun).error());
    }
    return !failure_;
}

void StatementRun::take_row(const PGresult* result) {
    if (dropping_) {
        return;
    }
    // What commits by itself is done when all its rows come, so they are handed on: an error would be untrue.
    if (wire_.stopped() != Wire::Stop::none && stake_ == Stake::none) {
        cut_short_ = true;
        return;
    }
    if (!begin_rows()) {
        return;
    }
    if (summary_.rows == limits_.max_rows) {
        summary_.truncated = true;
        return drop_surplus();
    }
    auto cells = reader_.read(result, 0);
    if (!cells) {
        return fail(std::move(cells).error());
    }
    if (reader_.bytes() > bytes_left_) {
        return fail(Error{.code = ErrorCode::too_large,
                          .message = "the answer exceeds " + std::to_string(limits_.max_bytes) + " bytes",
                          .hint = "select fewer columns, or page through the rows"});
    }
    bytes_left_ -= reader_.bytes();
    auto taken = sink_.row(*cells);
    wire_.reader_is_back();
    if (!taken) {
        return fail(std::move(taken).error());
    }
    ++summary_.rows;
}

void StatementRun::fail(Error error) {
    failure_ = std::move(error);
    dropping_ = true;
    wire_.stop(Wire::Stop::surplus, surplus_patience);
}

void StatementRun::drop_surplus() {
    dropping_ = true;
    if (statement_.text.only_reads() && !in_transaction_) {
        wire_.stop(Wire::Stop::surplus, surplus_patience);
    }
}

bool says_stale(std::string_view state) noexcept {
    constexpr std::array<std::string_view, 9> states{"26000", "22003", "22007", "22008", "22P02",
                                                     "22P03", "42804", "42883", "42P18"};
    return std::find(states.begin(), states.end(), state) != states.end();
}

void StatementRun::take_error(const PGresult* result) {
    if (refusal_) {
        return;
    }
    const char* const function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    refusal_ = wire_.error_of(result, &statement_.text);
    const bool form_changed = refusal_->native_state == "0A000" && function != nullptr &&
                              std::string_view(function) == "RevalidateCachedQuery";
    stale_ = form_changed || (!begun_ && says_stale(refusal_->native_state));
}

}  // namespace majed::driver::postgres
