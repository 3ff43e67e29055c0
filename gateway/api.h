// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/access.h"
#include "gateway/contracts/contract.h"
#include "gateway/engine_io.h"
#include "gateway/events.h"
#include "gateway/metrics.h"
#include "gateway/static_files.h"
#include "gateway/tasks/tasks.h"
#include "http/event_loop.h"
#include "http/server.h"

namespace inpaintd::gateway {

struct ApiSettings {
  std::size_t body_bytes_max = 80 << 20;  ///< of one request
  /// How long the answer to a new task waits for the first word about it, so that a refusal is the answer itself.
  std::chrono::milliseconds first_word_time{250};
};

/// Every path of the gateway, docs/gateway.md: tasks and their events, the contracts of other programs, probes and
/// metrics, the page. Used on the event loop.
class Api : public HttpService {
 public:
  using ReadGauges = std::function<Gauges()>;

  Api(Tasks& tasks, Loop& loop, Access access, StaticFiles files, Metrics& metrics, ReadGauges gauges,
      ApiSettings settings);

  std::variant<HttpReply, std::size_t> admit(const HttpRequest& head) override;
  void serve(const HttpExchangePtr& exchange) override;
  HttpReply refusal(const HttpRequest& head, const Problem& problem) override;
  void answered(const HttpRequest& request, int status) override;

  /// From now on new tasks are refused as `shutting_down`.
  void drain() { draining_ = true; }

 private:
  struct Route;
  static const std::vector<Route>& routes();
  /// The route of a request; null when there is none. HEAD is GET here.
  [[nodiscard]] static const Route* find(const HttpRequest& request);
  [[nodiscard]] std::optional<Problem> check(const HttpRequest& request, const Route* route) const;

  // api_tasks.cpp
  static constexpr std::size_t stream_tasks_max = 100;
  /// The tasks that a request is about.
  [[nodiscard]] static std::vector<std::string> tasks_in(const HttpTarget& target);
  void inpaint(const HttpExchangePtr& exchange);
  void task(const HttpExchangePtr& exchange);
  void cancel(const HttpExchangePtr& exchange);
  void result(const HttpExchangePtr& exchange);
  void task_events(const HttpExchangePtr& exchange);
  void events(const HttpExchangePtr& exchange);
  void stream(const HttpExchangePtr& exchange, std::vector<std::string> ids);

  // api_others.cpp
  void iopaint(const HttpExchangePtr& exchange);
  void clipdrop(const HttpExchangePtr& exchange);
  void server_config(const HttpExchangePtr& exchange);
  void model(const HttpExchangePtr& exchange);
  void input_image(const HttpExchangePtr& exchange);
  void samplers(const HttpExchangePtr& exchange);
  void gen_info(const HttpExchangePtr& exchange);
  void poll_engine_io(const HttpExchangePtr& exchange) { engine_io_.poll(exchange); }
  void post_engine_io(const HttpExchangePtr& exchange) { engine_io_.post(exchange); }
  void healthz(const HttpExchangePtr& exchange);
  void readyz(const HttpExchangePtr& exchange);
  void metrics(const HttpExchangePtr& exchange);

  /// Reads the body on another thread than the loop's, and then submits the task that the body describes.
  void read(const HttpExchangePtr& exchange, Contract contract,
            std::function<Result<Ask>(const HttpRequest& head, std::string_view body)> reader);
  void submit(const HttpExchangePtr& exchange, Contract contract, Result<Ask> ask);
  /// Answers with the picture or the problem that ends the task; with 202 if that takes longer than `limit`.
  void answer_at_end(const HttpExchangePtr& exchange, Contract contract, const std::string& id,
                     std::optional<std::chrono::milliseconds> limit);
  /// Answers with the picture or the problem with which the task has ended.
  void answer_end(const HttpExchangePtr& exchange, Contract contract, const std::string& id, const TaskState& end);
  /// Answers 202, or with the problem if the task is refused at once.
  void answer_at_start(const HttpExchangePtr& exchange, Contract contract, const std::string& id);

  Tasks& tasks_;
  Loop& loop_;
  const Access access_;
  const StaticFiles files_;
  Metrics& metrics_;
  const ReadGauges gauges_;
  const ApiSettings settings_;
  EngineIo engine_io_;
  bool draining_ = false;
};

}  // namespace inpaintd::gateway
