/// Threads for the calls that can block without end: PQcancel and the look-up of a host's name.
///
/// Why      Neither takes a deadline. Here they run aside: who asked waits as long as it likes and then goes on.
/// Life     One per driver and kind. The destructor drops what has not begun and waits a moment for idle threads only:
///          a call that hangs keeps its thread, and the little it needs, until the network gives up on it.
/// Threads  Any. At most `Limits::threads` are started, when first needed.
/// Not here What is called.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"

#include <condition_variable>
#include <cstddef>
#include <memory>

namespace majed::driver::postgres {

/// One call, run once by a thread of BlockingCalls or never.
class BlockingCall {
public:
    BlockingCall() = default;
    BlockingCall(const BlockingCall&) = delete;
    BlockingCall& operator=(const BlockingCall&) = delete;
    virtual ~BlockingCall() = default;

    /// Waits until the call returned or was dropped. False when the deadline came first.
    [[nodiscard]] bool wait(Deadline deadline);
    /// A call that has not begun will not run.
    void withdraw();
    /// It ran to its end. Only then may its answer be read.
    [[nodiscard]] bool done();

private:
    friend class BlockingCalls;
    enum class State { waiting, running, done, dropped };
    virtual void run() noexcept = 0;
    [[nodiscard]] bool begin();
    void end(State state);

    Mutex mutex_;
    std::condition_variable_any ended_;
    State state_ MAJED_GUARDED_BY(mutex_) = State::waiting;
};

class BlockingCalls {
public:
    struct Limits {
        std::size_t threads = 4;
        std::size_t waiting = 256;
    };

    explicit BlockingCalls(Limits limits);
    BlockingCalls(const BlockingCalls&) = delete;
    BlockingCalls& operator=(const BlockingCalls&) = delete;
    ~BlockingCalls();

    /// Shared by who asks and who runs it: either may be done with it first. False when the queue is full or no thread
    /// is to be had: it will not run.
    [[nodiscard]] bool start(const std::shared_ptr<BlockingCall>& call);

private:
    struct Shared;
    static void serve(const std::shared_ptr<Shared>& shared);

    Limits limits_;
    std::shared_ptr<Shared> shared_;
    int process_;  ///< A forked child has no threads and must not touch what they left locked.
};

}  // namespace majed::driver::postgres
