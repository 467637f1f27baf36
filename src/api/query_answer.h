/// Hands the rows of one statement on to the caller of the API, in pieces where the format allows it.
///
/// Why      An error before the first piece still gets its own status; after it, the answer is visibly cut.
/// Life     One statement.
/// Threads  The thread that runs the statement.
/// Not here Running it (gateway/), the text of rows (format/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/http_exchange.h"
#include "format/rows_writer.h"
#include "gateway/gateway.h"

#include <memory>
#include <string>
#include <string_view>

namespace majed::api {

class QueryAnswer final : public gateway::ResultSink {
public:
    QueryAnswer(format::RowsFormat format, Responder& responder);

    [[nodiscard]] Result<void> columns(std::span<const gateway::ResultColumn> columns) override;
    [[nodiscard]] Result<void> row(std::span<const ValueView> cells) override;

    /// Exactly one of the two, last.
    void complete(gateway::QuerySummary summary);
    void fail(const Error& error, std::string_view request_id);

private:
    [[nodiscard]] HttpAnswer head() const;
    [[nodiscard]] Result<void> hand_on();

    format::RowsFormat format_;
    Responder& responder_;
    std::string text_;
    std::unique_ptr<format::RowsWriter> writer_;
    bool started_ = false;
};

}  // namespace majed::api
