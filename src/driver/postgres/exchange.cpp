// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/exchange.h"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace majed::driver::postgres {

namespace {

bool is_failure(const PGresult* result) noexcept {
    const ExecStatusType status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

std::string tag_of(const PGresult* result) {
    // libpq's signature predates const; it does not change the result.
    return PQcmdStatus(const_cast<PGresult*>(result));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::uint64_t rows_affected_by(PGresult* result) {
    const std::string_view tag = PQcmdStatus(result);
    constexpr std::array<std::string_view, 4> counted{"INSERT ", "UPDATE ", "DELETE ", "MERGE "};
    for (const std::string_view word : counted) {
        if (tag.starts_with(word)) {
            const std::string_view count = PQcmdTuples(result);
            std::uint64_t rows = 0;
            std::from_chars(count.data(), count.data() + count.size(), rows);
            return rows;
        }
    }
    return 0;
}

Result<NativeResult> ask(Wire& wire, const char* sql, const BoundParameters* parameters) {
    PGconn* const native = wire.native();
    const int accepted =
        parameters == nullptr
            ? PQsendQueryParams(native, sql, 0, nullptr, nullptr, nullptr, nullptr, 0)
            : PQsendQueryParams(native, sql, parameters->count(), nullptr, parameters->values(),
                                parameters->lengths(), parameters->formats(), 0);
    if (accepted == 0) {
        return wire.sending_failed();
    }
    NativeResult last;
    std::optional<Error> failure;
    while (true) {
        auto heard = wire.next();
        if (!heard) {
            return failure ? *std::move(failure) : std::move(heard).error();
        }
        NativeResult result = std::move(*heard);
        if (result == nullptr) {
            break;
        }
        if (is_failure(result.get())) {
            failure = failure ? std::move(failure) : wire.error_of(result.get(), nullptr);
        }
        last = std::move(result);
    }
    if (failure) {
        return *std::move(failure);
    }
    if (last == nullptr) {
        return wire.lost();
    }
    return last;
}

Result<Pipeline> Pipeline::open(Wire& wire) {
    if (PQenterPipelineMode(wire.native()) == 0) {
        return wire.sending_failed();
    }
    return Pipeline(wire);
}

Result<void> Pipeline::sent(int accepted, std::size_t messages) {
    batch_ += messages;
    return accepted == 0 ? Result<void>(wire_->sending_failed()) : Result<void>();
}

Result<void> Pipeline::command(const char* sql) {
    return sent(PQsendQueryParams(wire_->native(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
}

Result<void> Pipeline::prepare(const std::string& name, const std::string& sql) {
    MAJED_TRY(sent(PQsendPrepare(wire_->native(), name.c_str(), sql.c_str(), 0, nullptr), 1));
    return sent(PQsendDescribePrepared(wire_->native(), name.c_str()), 1);
}

Result<void> Pipeline::run(const std::string& name, const BoundParameters& parameters, int form) {
    return sent(PQsendQueryPrepared(wire_->native(), name.c_str(), parameters.count(), parameters.values(),
                                    parameters.lengths(), parameters.formats(), form),
                1);
}

Result<void> Pipeline::sync() {
    batches_.push_back(std::exchange(batch_, 0));
    return sent(PQpipelineSync(wire_->native()), 0);
}

Result<std::optional<Pipeline::Failure>> Pipeline::read(
    const std::function<void(std::size_t, PGresult*)>& seen, const StatementText* text) {
    std::optional<Failure> failure;
    std::size_t index = 0;
    const std::size_t batch = batches_.front();
    batches_.erase(batches_.begin());
    while (true) {
        MAJED_TRY_ASSIGN(const NativeResult result, wire_->next());
        if (result == nullptr) {  // The end of one statement's answers.
            if (++index > batch) {
                return wire_->lost();
            }
            continue;
        }
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_PIPELINE_SYNC) {
            return failure;
        }
        if (is_failure(result.get())) {
            Error error = wire_->error_of(result.get(), text);
            if (!wire_->usable()) {
                return error;
            }
            failure = failure ? std::move(failure) : Failure{index, std::move(error)};
        } else if (status != PGRES_PIPELINE_ABORTED) {
            seen(index, result.get());
        }
    }
}

Result<std::optional<Pipeline::Failure>> Pipeline::read_one() {
    std::optional<Failure> failure;
    while (true) {
        MAJED_TRY_ASSIGN(const NativeResult result, wire_->next());
        if (result == nullptr) {
            return failure;
        }
        if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
            return wire_->lost();
        }
        if (is_failure(result.get())) {
            Error error = wire_->error_of(result.get(), nullptr);
            if (!wire_->usable()) {
                return error;
            }
            failure = failure ? std::move(failure) : Failure{0, std::move(error)};
        }
    }
}

Result<void> Pipeline::close() {
    if (PQexitPipelineMode(wire_->native()) == 0) {
        return wire_->sending_failed();
    }
    return {};
}

}  // namespace majed::driver::postgres
