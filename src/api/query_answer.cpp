// SPDX-License-Identifier: Apache-2.0
#include "api/query_answer.h"

#include "api/answers.h"
#include "api/problem.h"

#include <utility>
#include <vector>

namespace majed::api {
namespace {

constexpr std::size_t piece = std::size_t{64} * 1024;

}  // namespace

QueryAnswer::QueryAnswer(format::RowsFormat format, Responder& responder)
    : format_(format), responder_(responder), writer_(format::make_rows_writer(format, text_)) {}

Result<void> QueryAnswer::columns(std::span<const gateway::ResultColumn> columns) {
    std::vector<format::RowsColumn> named;
    named.reserve(columns.size());
    for (const auto& column : columns) {
        named.push_back({column.name, column.type, column.masked});
    }
    writer_->columns(named);
    return {};
}

Result<void> QueryAnswer::row(std::span<const ValueView> cells) {
    writer_->row(cells);
    // A JSON object is sent whole, so that a failure half way is a problem document and not half an object.
    if (format_ == format::RowsFormat::json || text_.size() < piece) {
        return {};
    }
    return hand_on();
}

void QueryAnswer::complete(gateway::QuerySummary summary) {
    writer_->finish(summary_of(std::move(summary)));
    if (!started_) {
        HttpAnswer answer = head();
        answer.body = std::move(text_);
        responder_.send(std::move(answer));
        return;
    }
    const bool sent = text_.empty() || hand_on().has_value();
    responder_.finish(sent ? Responder::Ending::complete : Responder::Ending::cut);
}

void QueryAnswer::fail(const Error& error, std::string_view request_id) {
    if (!started_) {
        responder_.send(problem_answer(error, request_id));
        return;
    }
    writer_->fail(error);
    const bool told = format_ == format::RowsFormat::ndjson && hand_on().has_value();
    responder_.finish(told ? Responder::Ending::complete : Responder::Ending::cut);
}

HttpAnswer QueryAnswer::head() const {
    HttpAnswer answer;
    answer.content_type = format::media_type(format_);
    return answer;
}

Result<void> QueryAnswer::hand_on() {
    if (!started_) {
        started_ = true;
        responder_.start(head());
    }
    return responder_.chunk(std::exchange(text_, {}));
}

}  // namespace majed::api
