// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint/jobs_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bus/jobs.h"
#include "bus/object_store.h"
#include "core/names.h"
#include "tools/inpaint/job_id.h"
#include "tools/inpaint/job_text.h"
#include "tools/inpaint/painter.h"
#include "tools/inpaint/patience.h"
#include "tools/shared/command_line.h"
#include "tools/shared/declare_choice.h"
#include "tools/shared/duration_option.h"
#include "tools/shared/json_text.h"
#include "tools/shared/output.h"
#include "tools/shared/server_options.h"

namespace inpaintd::tools {
/// The values of --status.
enum class JobStatus : std::uint8_t { queued, running, done, error, dead };
}  // namespace inpaintd::tools

template <>
struct inpaintd::EnumNames<inpaintd::tools::JobStatus> {
  static constexpr std::array<std::string_view, 5> names{"queued", "running", "done", "error", "dead"};
};

namespace inpaintd::tools {
namespace {

constexpr const char* description =
    "Looks at durable jobs, which `inpaint --durable` makes, and cancels or retries them.\n\n"
    "  inpaint jobs list --status dead                 lists the jobs that no worker could finish\n"
    "  inpaint jobs show inpaint.0123abcd...           tells everything about a job\n"
    "  inpaint jobs wait ID ID --timeout 10min         waits until jobs have ended\n"
    "  inpaint jobs cancel ID                          cancels jobs that have not ended\n"
    "  inpaint jobs retry --dead --owner alice         starts dead jobs again\n"
    "  inpaint jobs fetch ID -o out.png                writes the picture of a job that is done\n\n"
    "The options of the server, such as --server, may follow each of these commands. A picture file that is called\n"
    "jobs is named ./jobs.\n";

constexpr std::chrono::milliseconds call_timeout{10'000};
constexpr std::chrono::milliseconds picture_timeout{60'000};

struct JobsOptions {
  ServerOptions server;
  std::vector<std::string> ids;
  std::string owner;
  std::optional<JobStatus> status;
  bool json = false;
  bool dead = false;
  std::optional<std::chrono::milliseconds> wait_max;
  std::chrono::milliseconds timeout{60'000};
  std::filesystem::path output;
};

using State = Jobs::State;

/// What a command needs.
struct Session {
  const JobsOptions& options;
  Connection& connection;
  Jobs jobs;
};

/// The state of a job that must exist. Errors: object_not_found, and those of Jobs::state.
Result<State> find(Session& session, const std::string& id) {
  auto state = session.jobs.state(id);
  if (!state) return std::move(state.error());
  if (*state) return std::move(**state);
  return Error{ErrorCode::object_not_found, fmt::format("the job {} does not exist; see `inpaint jobs list`", id)};
}

/// The states of the jobs of --owner with this status, in the order of their ids.
Result<std::vector<wire::JobState>> find_all(Session& session, std::optional<JobStatus> status) {
  auto ids = session.jobs.ids(session.options.owner);
  if (!ids) return std::move(ids.error());
  std::ranges::sort(*ids);
  std::vector<wire::JobState> states;
  for (const std::string& id : *ids) {
    auto state = session.jobs.state(id);
    if (!state) return std::move(state.error());
    if (*state && (!status || job_status(**state) == name(*status))) states.push_back(std::move(**state));
  }
  return states;
}

int list(Session& session) {
  const auto states = find_all(session, session.options.status);
  if (!states) return complain(states.error().message);
  if (!session.options.json) {
    std::cout << jobs_table(*states);
    return exit_ok;
  }
  auto all = nlohmann::ordered_json::array();
  for (const auto& state : *states) all.push_back(job_json(state));
  std::cout << json_text(all);
  return exit_ok;
}

int show(Session& session) {
  const auto state = find(session, session.options.ids.front());
  if (!state) return complain(state.error().message);
  std::cout << (session.options.json ? json_text(job_json(*state)) : job_lines(*state));
  return exit_ok;
}

/// Runs `each` for every id, prints its text or error, and returns the worst exit code. An interruption ends the loop.
template <class Each>
int for_each_id(const std::vector<std::string>& ids, const Each& each) {
  int exit_code = exit_ok;
  for (const std::string& id : ids) {
    const Result<std::string, PaintFailure> text = each(id);
    if (text)
      std::cout << id << ": " << *text << std::endl;
    else
      exit_code =
          std::max(exit_code, complain(fmt::format("{}: {}", id, text.error().message), text.error().exit_code));
    if (exit_code == exit_interrupted) break;
  }
  return exit_code;
}

int wait(Session& session) {
  const Interrupt interrupt;
  const InterruptWatch watch(interrupt);
  const auto& wait_max = session.options.wait_max;
  Patience patience(session.connection, wait_max ? Clock::now() + *wait_max : TimePoint::max(), watch.token());
  return for_each_id(session.options.ids, [&](const std::string& id) -> Result<std::string, PaintFailure> {
    const auto ended = patience([&] { return session.jobs.wait(id, patience.deadline(), patience.stop()); });
    if (patience.stopped()) return PaintFailure{"interrupted; it goes on", exit_interrupted};
    if (!ended) return PaintFailure{ended.error().message};
    if (!*ended) return PaintFailure{"it has not ended within --timeout, and goes on"};
    if ((*ended)->status() != "done") return PaintFailure{describe_job(**ended)};
    return describe_job(**ended);
  });
}

int cancel(Session& session) {
  return for_each_id(session.options.ids, [&](const std::string& id) -> Result<std::string, PaintFailure> {
    const auto cancelled = session.jobs.cancel(id);
    if (!cancelled) return PaintFailure{cancelled.error().message};
    if (*cancelled) return std::string("cancelled");
    const auto state = find(session, id);
    return PaintFailure{state ? fmt::format("it has ended before: {}", describe_job(*state)) : state.error().message};
  });
}

int retry(Session& session) {
  std::vector<std::string> ids = session.options.ids;
  if (session.options.dead) {
    const auto states = find_all(session, JobStatus::dead);
    if (!states) return complain(states.error().message);
    for (const auto& state : *states) ids.emplace_back(job_id_of(state));
    if (ids.empty()) std::cout << "no job is dead\n";
  }
  return for_each_id(ids, [&](const std::string& id) -> Result<std::string, PaintFailure> {
    if (const Status retried = session.jobs.retry(id); !retried) return PaintFailure{retried.error().message};
    return std::string("started again");
  });
}

int fetch(Session& session) {
  const std::string& id = session.options.ids.front();
  if (const Status ready = prepare_output(session.options.output); !ready) return complain(ready.error().message);
  const auto state = find(session, id);
  if (!state) return complain(state.error().message);
  const auto* done = std::get_if<wire::Done>(&state->reply);
  if (done == nullptr || !done->result)
    return complain(fmt::format("the job {} has no picture: it is {}", id, describe_job(*state)));
  const auto file = ObjectStore(session.connection, done->result->bucket, picture_timeout).get(done->result->name);
  if (!file && file.error().code == ErrorCode::object_not_found)
    return complain(
        fmt::format("the picture of the job {} was removed; the command that made the job starts it again", id));
  if (!file) return complain(file.error().message);
  for (const Note& note : done->notes) std::cerr << describe(note) << '\n';
  if (const Status written = write_file(session.options.output, *file); !written)
    return complain(written.error().message);
  return has_empty_mask(done->notes) ? exit_no_hole : exit_ok;
}

void add_ids(CLI::App& command, JobsOptions& options, bool one) {
  auto* ids = command.add_option("ID", options.ids, "Id of a job, OWNER.NAME")->type_name("");
  if (one) ids->expected(1);
  if (command.get_name() != "retry") ids->required();
}

void add_owner(CLI::App& command, JobsOptions& options) {
  command.add_option("--owner", options.owner, "Only jobs of this owner");
}

using Command = int (*)(Session&);

/// The commands with their options, each with the function that runs it.
std::vector<std::pair<CLI::App*, Command>> declare(CLI::App& app, JobsOptions& options) {
  app.require_subcommand(1);
  app.fallthrough();
  auto* list_ = app.add_subcommand("list", "List jobs with their states");
  add_owner(*list_, options);
  list_
      ->add_option_function<std::string>(
          "--status", [&](const std::string& text) { options.status = choice_from_text<JobStatus>(text); },
          fmt::format("Only jobs of this status: {}", names_of<JobStatus>()))
      ->type_name("NAME");
  auto* show_ = app.add_subcommand("show", "Tell everything about a job");
  add_ids(*show_, options, true);
  for (auto* command : {list_, show_}) command->add_flag("--json", options.json, "Print JSON");
  auto* wait_ = app.add_subcommand("wait", "Wait until jobs have ended; failure if one has no picture");
  add_ids(*wait_, options, false);
  declare_duration(*wait_, "--timeout", options.timeout, "Longest time to wait, in seconds or with a unit (2min)")
      ->default_str("without a limit");
  auto* cancel_ = app.add_subcommand("cancel", "Cancel jobs that have not ended");
  add_ids(*cancel_, options, false);
  auto* retry_ = app.add_subcommand("retry", "Start dead jobs again, with the requests that are kept of them");
  add_ids(*retry_, options, false);
  retry_->add_flag("--dead", options.dead, "All dead jobs, instead of ids");
  add_owner(*retry_, options);
  auto* fetch_ = app.add_subcommand("fetch", "Write the picture of a job that is done");
  add_ids(*fetch_, options, true);
  fetch_->add_option("-o,--output", options.output, "Output file, or - for standard output")->required();
  return {{list_, list}, {show_, show}, {wait_, wait}, {cancel_, cancel}, {retry_, retry}, {fetch_, fetch}};
}

/// Checks what the parser cannot check. Returns an error text, or nothing.
std::optional<std::string> check(const CLI::App& command, JobsOptions& options) {
  if (!options.owner.empty() && !valid_owner(options.owner))
    return fmt::format("'{}' is not an owner; use letters, digits, _ and -", options.owner);
  if (command.get_name() == "retry" && options.dead == !options.ids.empty())
    return "name the jobs to retry, or --dead for all dead ones";
  if (command.get_name() == "retry" && !options.dead && !options.owner.empty()) return "--owner needs --dead";
  if (command.get_name() == "wait" && command.count("--timeout") > 0) options.wait_max = options.timeout;
  return std::nullopt;
}

int run(Command command, const JobsOptions& options) {
  const auto connection = Connection::open(options.server.connection);
  if (!connection) return complain(connection.error().message, exit_no_service);
  Session session{options, **connection, Jobs(**connection, options.server.prefix, call_timeout)};
  if (const Status possible = session.jobs.check(); !possible)
    return complain(
        fmt::format("there are no durable jobs at {}: {}", session.connection.servers(), possible.error().message),
        exit_no_service);
  return command(session);
}

}  // namespace

int run_jobs_command(int argc, char** argv) {
  JobsOptions options;
  options.server.connection.name = "inpaint-jobs";
  CLI::App app(description, "inpaint jobs");
  options.server.declare(app);
  const auto commands = declare(app, options);
  if (const auto exit_code = parse_command_line(app, argc, argv)) return *exit_code;
  const auto chosen = std::ranges::find_if(commands, [](const auto& each) { return each.first->parsed(); });
  if (const auto wrong = check(*chosen->first, options)) return complain(*wrong, exit_usage);
  return run(chosen->second, options);
}

}  // namespace inpaintd::tools
