/// The way of an answer from the thread that makes it to the connection that sends it.
///
/// Why      A slow statement must not hold a network thread, and a slow reader must not fill memory: the maker
///          waits when a few pieces lie unsent.
/// Life     Shared by the maker and the connection; either may go first.
/// Threads  The Responder half: one thread. `take` and `abandon`: any thread.
/// Not here Sockets (http_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/http_exchange.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace majed::api {

class AnswerPipe final : public Responder {
public:
    enum class Kind : std::uint8_t { whole, head, chunk, end, cut };
    struct Piece {
        Kind kind = Kind::whole;
        HttpAnswer answer = {};  ///< whole, head.
        std::string bytes = {};  ///< chunk.
    };

    /// `wake` tells the connection that there is a piece; called from the maker's thread.
    explicit AnswerPipe(std::function<void()> wake) : wake_(std::move(wake)) {}

    void send(HttpAnswer answer) override;
    void start(HttpAnswer answer) override;
    [[nodiscard]] Result<void> chunk(std::string bytes) override;
    void finish(Ending ending) override;

    /// Something failed that the call did not foresee: `answer` when nothing was sent yet, else a cut.
    void break_off(HttpAnswer answer);

    /// The next piece, if there is one.
    [[nodiscard]] std::optional<Piece> take();
    /// The connection is gone: the maker is released and told so.
    void abandon();

private:
    void push(Piece piece);

    static constexpr std::size_t max_unsent = 4;
    const std::function<void()> wake_;
    bool begun_ = false;   ///< Maker's thread only.
    bool closed_ = false;  ///< Maker's thread only.
    std::mutex mutex_;
    std::condition_variable room_;
    std::deque<Piece> pieces_;
    bool abandoned_ = false;
};

}  // namespace majed::api
