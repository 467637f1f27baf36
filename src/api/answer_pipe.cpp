// SPDX-License-Identifier: Apache-2.0
#include "api/answer_pipe.h"

#include <utility>

namespace majed::api {

void AnswerPipe::send(HttpAnswer answer) {
    begun_ = closed_ = true;
    push({Kind::whole, std::move(answer)});
}

void AnswerPipe::start(HttpAnswer answer) {
    begun_ = true;
    push({Kind::head, std::move(answer)});
}

Result<void> AnswerPipe::chunk(std::string bytes) {
    {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return abandoned_ || pieces_.size() < max_unsent; });
        if (abandoned_) {
            return Error{ErrorCode::cancelled, "the caller went away"};
        }
    }
    push({Kind::chunk, {}, std::move(bytes)});
    return {};
}

void AnswerPipe::finish(Ending ending) {
    closed_ = true;
    push({ending == Ending::complete ? Kind::end : Kind::cut});
}

void AnswerPipe::break_off(HttpAnswer answer) {
    if (closed_) {
        return;
    }
    if (begun_) {
        finish(Ending::cut);
    } else {
        send(std::move(answer));
    }
}

std::optional<AnswerPipe::Piece> AnswerPipe::take() {
    std::optional<Piece> piece;
    {
        const std::lock_guard lock(mutex_);
        if (pieces_.empty()) {
            return std::nullopt;
        }
        piece = std::move(pieces_.front());
        pieces_.pop_front();
    }
    room_.notify_one();
    return piece;
}

void AnswerPipe::abandon() {
    {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
        pieces_.clear();
    }
    room_.notify_all();
}

void AnswerPipe::push(Piece piece) {
    {
        const std::lock_guard lock(mutex_);
        if (abandoned_) {
            return;
        }
        pieces_.push_back(std::move(piece));
    }
    wake_();
}

}  // namespace majed::api
