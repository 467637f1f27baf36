// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <fcntl.h>
#include <array>
#include <fstream>
#include <istream>
#include <string>
#include <utility>

namespace majed::cli {
namespace {

/// The terminal itself, without echo as long as this lives.
class QuietTerminal {
public:
    QuietTerminal() : file_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        if (file_ >= 0 && ::tcgetattr(file_, &before_) == 0) {
            termios quiet = before_;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            restore_ = ::tcsetattr(file_, TCSAFLUSH, &quiet) == 0;
        }
    }
    ~QuietTerminal() {
        if (restore_) {
            ::tcsetattr(file_, TCSAFLUSH, &before_);
        }
        if (file_ >= 0) {
            ::close(file_);
        }
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

    [[nodiscard]] bool usable() const { return restore_; }
    void write(std::string_view text) const {
        // A prompt that cannot be shown is no reason to fail.
        [[maybe_unused]] const auto written = ::write(file_, text.data(), text.size());
    }
    [[nodiscard]] std::string read_line() const {
        std::string line;
        char c = 0;
        while (::read(file_, &c, 1) == 1 && c != '\n') {
            line += c;
        }
        return line;
    }

private:
    int file_;
    termios before_{};
    bool restore_ = false;
};

Secret first_line(std::istream& stream) {
    std::string line;
    std::getline(stream, line);
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    return Secret(std::move(line));
}

}  // namespace

Result<Secret> ask_on_terminal(std::string_view prompt) {
    const QuietTerminal terminal;
    if (!terminal.usable()) {
        return Error{ErrorCode::invalid_argument, "there is no terminal to ask for a password",
                     "use --password-stdin or --password-file"};
    }
    terminal.write(prompt);
    Secret answer(terminal.read_line());
    terminal.write("\n");
    return answer;
}

Result<Secret> obtain_password(Terminal& terminal, const PasswordChoice& choice) {
    if (choice.from_stdin) {
        return first_line(terminal.in);
    }
    if (!choice.file.empty()) {
        std::ifstream file(choice.file);
        if (!file) {
            return Error{ErrorCode::not_found, "cannot read " + choice.file};
        }
        return first_line(file);
    }
    MAJED_TRY_ASSIGN(Secret password, terminal.ask("Password: "));
    MAJED_TRY_ASSIGN(const Secret again, terminal.ask("Again: "));
    if (password.reveal() != again.reveal()) {
        return Error{ErrorCode::invalid_argument, "the two passwords differ"};
    }
    return password;
}

}  // namespace majed::cli
