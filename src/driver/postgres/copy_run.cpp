// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/copy_run.h"

#include "core/ascii.h"
#include "driver/postgres/exchange.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// Between two looks at the clock; what libpq holds for the server beyond its own buffer.
constexpr std::size_t chunk = std::size_t{64} << 10U;

/// Words and other characters of a statement, without its comments; what is quoted is one token.
class Tokens {
public:
    explicit Tokens(std::string_view sql) : sql_(sql) {}

    /// Empty at the end.
    std::string_view next() {
        skip_space();
        const std::size_t begin = at_;
        if (at_ >= sql_.size()) {
            return {};
        }
        const char c = sql_[at_++];
        if (c == '"' || c == '\'') {
            const std::size_t end = sql_.find(c, at_);
            at_ = end == std::string_view::npos ? sql_.size() : end + 1;
        } else if (is_word(c)) {
            while (at_ < sql_.size() && is_word(sql_[at_])) {
                ++at_;
            }
        }
        return sql_.substr(begin, at_ - begin);
    }

private:
    static bool is_word(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '$' || static_cast<unsigned char>(c) >= 0x80;
    }
    static bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

    void skip_space() {
        while (at_ < sql_.size()) {
            if (is_space(sql_[at_])) {
                ++at_;
            } else if (sql_.substr(at_, 2) == "--") {
                at_ = std::min(sql_.find('\n', at_), sql_.size());
            } else if (sql_.substr(at_, 2) == "/*") {
                skip_comment();
            } else {
                return;
            }
        }
    }

    /// PostgreSQL's nest.
    void skip_comment() {
        std::size_t depth = 0;
        do {
            const std::string_view two = sql_.substr(at_, 2);
            if (two == "/*" || two == "*/") {
                depth = two == "/*" ? depth + 1 : depth - 1;
                at_ += 2;
            } else {
                ++at_;
            }
        } while (depth > 0 && at_ < sql_.size());
    }

    std::string_view sql_;
    std::size_t at_ = 0;
};

class CopyRun {
public:
    CopyRun(Wire& wire, std::string_view rows) : wire_(wire), rows_(rows) {}

    Result<std::uint64_t> run(const std::string& sql) {
        PGconn* const native = wire_.native();
        const bool alone = PQtransactionStatus(native) == PQTRANS_IDLE;
        if (PQsendQueryParams(native, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) {
            return wire_.sending_failed();
        }
        auto loaded = exchange();
        if (loaded || wire_.usable() || !complete_ || !alone || !loaded.error().native_state.empty()) {
            return loaded;
        }
        Error error = std::move(loaded).error();
        error.code = ErrorCode::in_doubt;
        error.failure = FailureClass::in_doubt;
        error.message = "the reply to a COPY was lost: it was carried out or not";
        return error;
    }

private:
    Result<std::uint64_t> exchange() {
        while (true) {
            auto heard = wire_.next();
            if (!heard) {
                // After the server's own last word, what libpq says about the silence is no news.
                return refusal_ ? *std::move(refusal_) : std::move(heard).error();
            }
            if (*heard == nullptr) {
                break;
            }
            MAJED_TRY(take(heard->get()));
            if (refusal_ && !wire_.usable()) {
                break;
            }
        }
        if (refusal_) {
            return *std::move(refusal_);
        }
        return loaded_;
    }

    Result<void> take(PGresult* result) {
        switch (PQresultStatus(result)) {
            case PGRES_COPY_IN:
                return give_rows();
            case PGRES_COMMAND_OK: {
                const std::string_view count = PQcmdTuples(result);
                std::from_chars(count.data(), count.data() + count.size(), loaded_);
                return {};
            }
            case PGRES_BAD_RESPONSE:
            case PGRES_FATAL_ERROR:
                refusal_ = refusal_ ? std::move(refusal_) : wire_.error_of(result, nullptr);
                return {};
            case PGRES_EMPTY_QUERY:
            case PGRES_TUPLES_OK:
            case PGRES_SINGLE_TUPLE:
            case PGRES_COPY_OUT:
            case PGRES_COPY_BOTH:
            case PGRES_NONFATAL_ERROR:
            case PGRES_PIPELINE_SYNC:
            case PGRES_PIPELINE_ABORTED:
                // takes_rows() lets none of these through; whatever leads here is not the protocol spoken here.
                return wire_.lost();
        }
        return wire_.lost();
    }

    Result<void> give_rows() {
        PGconn* const native = wire_.native();
        while (!rows_.empty() && wire_.stopped() == Wire::Stop::none) {
            const std::string_view piece = rows_.substr(0, chunk);
            if (PQputCopyData(native, piece.data(), static_cast<int>(piece.size())) != 1) {
                return wire_.sending_failed();
            }
            rows_.remove_prefix(piece.size());
            MAJED_TRY(wire_.push());
        }
        // A server that waits for data does not feel a cancel request: it must be told here.
        complete_ = wire_.stopped() == Wire::Stop::none;
        if (PQputCopyEnd(native, complete_ ? nullptr : "stopped") != 1) {
            return wire_.sending_failed();
        }
        return {};
    }

    Wire& wire_;
    std::string_view rows_;  ///< Not sent yet.
    std::optional<Error> refusal_;
    std::uint64_t loaded_ = 0;
    bool complete_ = false;  ///< The server was told that these were all the rows.
};

}  // namespace

bool takes_rows(std::string_view sql) {
    Tokens tokens(sql);
    if (!equal_ascii_case(tokens.next(), "copy")) {
        return false;
    }
    std::size_t depth = 0;
    for (std::string_view token = tokens.next(); !token.empty(); token = tokens.next()) {
        if (token == "(") {
            ++depth;
        } else if (token == ")") {
            depth -= depth > 0 ? 1 : 0;
        } else if (depth == 0 && (equal_ascii_case(token, "from") || equal_ascii_case(token, "to"))) {
            return equal_ascii_case(token, "from") && equal_ascii_case(tokens.next(), "stdin");
        }
    }
    return false;
}

Result<std::uint64_t> run_copy(Wire& wire, const std::string& sql, std::string_view rows) {
    return CopyRun(wire, rows).run(sql);
}

}  // namespace majed::driver::postgres
