// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/receiver.h"

#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include "clients/cpp/retry.h"
#include "core/units.h"
#include "tools/inpaint_load/verify.h"

namespace inpaintd::tools {
namespace {

struct Address {
  std::size_t number = 0;
  int attempt = 0;
};

/// Reads the last two tokens of a reply subject: `<inbox>.<number>.<attempt>`.
std::optional<Address> parse_address(std::string_view subject) {
  const std::size_t dot = subject.rfind('.');
  const std::size_t before = dot == std::string_view::npos ? dot : subject.rfind('.', dot - 1);
  if (before == std::string_view::npos) return std::nullopt;
  const auto number = parse_number<std::size_t>(subject.substr(before + 1, dot - before - 1));
  const auto attempt = parse_number<int>(subject.substr(dot + 1));
  return number && attempt ? std::optional(Address{*number, *attempt}) : std::nullopt;
}

/// A value of 0..1 that differs between consecutive requests (golden ratio), so that no random generator is needed.
double jitter_of(std::size_t number) {
  double ignored = 0;
  return std::modf(static_cast<double>(number) * 0.6180339887, &ignored);
}

}  // namespace

Receiver::Receiver(const LoadOptions& options, std::shared_ptr<const RequestMaker> requests,
                   std::shared_ptr<Ledger> ledger, std::shared_ptr<Agenda> agenda)
    : requests_(std::move(requests)),
      ledger_(std::move(ledger)),
      agenda_(std::move(agenda)),
      verify_every_(options.verify > 0 ? static_cast<std::size_t>(std::llround(1 / options.verify)) : 0),
      retries_(options.retries) {}

void Receiver::start() { start_ = Clock::now(); }

Microseconds Receiver::now() const { return std::chrono::duration_cast<Microseconds>(Clock::now() - start_); }

void Receiver::receive(const Message& message) {
  if (const auto address = parse_address(message.subject())) enter(address->number, address->attempt, message);
}

void Receiver::enter(std::size_t number, int attempt, const Message& message) {
  if (message.no_responders()) {
    if (ledger_->enter(number, attempt, true)) fail(number, "no_responders");
    return;
  }
  if (!wire::concerns(message.data(), requests_->id(number))) return;
  const auto reply = wire::decode_reply(message.data());
  if (!reply) {
    if (ledger_->enter(number, attempt, true)) end(number, "unreadable");
  } else if (const auto* done = std::get_if<wire::Done>(&*reply)) {
    if (ledger_->enter(number, attempt, false)) finish(number, *done);
  } else if (const auto* failed = std::get_if<wire::Failed>(&*reply)) {
    if (ledger_->enter(number, attempt, true) && !retry_later(number, failed->error))
      end(number, info(failed->error.code).name);
  }
}

void Receiver::finish(std::size_t number, const wire::Done& done) {
  const Microseconds answered = now();
  if (verify_every_ > 0 && pictures_++ % verify_every_ == 0) verify(number, done);
  ledger_->end(number, answered, done);  // last: the report is made when no request is open
  agenda_->add_slots(1);
}

void Receiver::verify(std::size_t number, const wire::Done& done) {
  const Choice choice = requests_->choice(number);
  std::optional<std::string> fault = find_fault(requests_->picture(choice), requests_->mask(choice), done);
  if (!fault && done.id != requests_->id(number)) fault = "the answer has the id of another request";
  ledger_->verified(number, fault.value_or(""));
}

bool Receiver::retry_later(std::size_t number, const Error& error) {
  const int sent = ledger_->attempts(number);
  if (sent > retries_ || requests_->choice(number).fate != Fate::answer) return false;
  const auto wait = retry_wait(error, sent - 1, jitter_of(number));
  if (!wait) return false;
  agenda_->add({Clock::now() + *wait, number, Agenda::What::retry});
  return true;
}

void Receiver::fail(std::size_t number, std::string_view code) {
  // Treated as the error of a service that is shutting down, which may be retried.
  if (!retry_later(number, {ErrorCode::shutting_down, ""})) end(number, code);
}

void Receiver::end(std::size_t number, std::string_view code) {
  ledger_->end(number, now(), code);
  agenda_->add_slots(1);
}

}  // namespace inpaintd::tools
