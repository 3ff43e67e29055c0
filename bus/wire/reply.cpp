// SPDX-License-Identifier: Apache-2.0
#include "bus/wire/fields.h"
#include "bus/wire/wire.h"

namespace inpaintd::wire {
namespace {

/// The value of `status` for each alternative of Reply.
template <class T>
constexpr std::string_view status = "";
template <>
constexpr std::string_view status<Done> = "done";
template <>
constexpr std::string_view status<Failed> = "error";
template <>
constexpr std::string_view status<Queued> = "queued";
template <>
constexpr std::string_view status<Running> = "running";

template <class T>
void write_status(Packer& out, const T&) {
  pack_text(out, status<T>);
}
template <class T>
constexpr Field<T> id_field = required<T, &T::id, Text{}>("id");
template <class T>
constexpr Field<T> status_field = derived<T, write_status<T>>("status");

constexpr Field<Timings> timing_fields[] = {
    required<Timings, &Timings::decode, Integer{}>("decode"), required<Timings, &Timings::queue, Integer{}>("queue"),
    required<Timings, &Timings::infer, Integer{}>("infer"),   required<Timings, &Timings::encode, Integer{}>("encode"),
    required<Timings, &Timings::total, Integer{}>("total"),
};

/// The members of Done::size, of a constant reply and of one that is being read.
constexpr auto width = [](auto& done) -> auto& { return done.size.width; };
constexpr auto height = [](auto& done) -> auto& { return done.size.height; };
constexpr Integer side{1, coordinate_max};

constexpr Field<Done> done_fields[] = {
    id_field<Done>,
    status_field<Done>,
    required<Done, &Done::image, Blob{}>("image"),
    required<Done, &Done::format, Name{}>("format"),
    required<Done, width, side>("width"),
    required<Done, height, side>("height"),
    required<Done, &Done::region, Box{}>("region"),
    required<Done, &Done::timings, Nested<timing_fields, UnknownKeys::ignore>{}>("timings_us"),
    required<Done, &Done::batch_size, Integer{}>("batch_size"),
    required<Done, &Done::device, Text{}>("device"),
    required<Done, &Done::model, Text{}>("model"),
    required<Done, &Done::cached, Flag{}>("cached"),
    required<Done, &Done::service, Text{}>("service"),
};

struct Code {
  Status read(const Value& value, const std::string& path, ErrorCode& out) const {
    std::string name;
    if (Status read = Text{}.read(value, path, name); !read) return read;
    out = error_code(name).value_or(ErrorCode::internal);  // a newer service may know more of them
    return Ok{};
  }
  void write(Packer& out, ErrorCode in) const { pack_text(out, info(in).name); }
};

void write_retryable(Packer& out, const Error& error) { Flag{}.write(out, info(error.code).retryable); }

constexpr Field<Error> error_fields[] = {
    required<Error, &Error::code, Code{}>("code"),
    required<Error, &Error::message, Text{}>("message"),
    derived<Error, write_retryable>("retryable"),
    optional<Error, &Error::retry_after, Integer{}>("retry_after_ms"),
};

constexpr Field<Failed> failed_fields[] = {
    id_field<Failed>,
    status_field<Failed>,
    required<Failed, &Failed::error, Nested<error_fields, UnknownKeys::ignore>{}>("error"),
};

constexpr Field<Queued> queued_fields[] = {
    id_field<Queued>,
    status_field<Queued>,
    required<Queued, &Queued::position, Integer{}>("position"),
    required<Queued, &Queued::eta, Integer{}>("eta_ms"),
};

constexpr Field<Running> running_fields[] = {
    id_field<Running>,
    status_field<Running>,
    required<Running, &Running::batch_size, Integer{}>("batch_size"),
    required<Running, &Running::device, Text{}>("device"),
};

// One name for the four tables.
constexpr const auto& fields_of(const Done&) { return done_fields; }
constexpr const auto& fields_of(const Failed&) { return failed_fields; }
constexpr const auto& fields_of(const Queued&) { return queued_fields; }
constexpr const auto& fields_of(const Running&) { return running_fields; }

struct Kind {
  std::string status;
};
constexpr Field<Kind> kind_fields[] = {required<Kind, &Kind::status, Text{}>("status")};

/// Reads the first alternative of Reply whose status is `name`.
template <class... T>
Result<Reply> read_alternative(const Value& map, std::string_view name, std::variant<T...>*) {
  Result<Reply> reply = Error{ErrorCode::internal, "`status` is unknown: " + printable(name)};
  const auto attempt = [&]<class Each>(Each each) {
    if (name != status<Each>) return false;
    Status read = read_map(map, "", fields_of(each), UnknownKeys::ignore, each);
    reply = read ? Result<Reply>(Reply(std::move(each))) : Result<Reply>(std::move(read.error()));
    return true;
  };
  (void)(attempt(T{}) || ...);
  return reply;
}

Result<Reply> read_reply(Bytes message) {
  const auto unpacked = unpack_map(message);
  if (!unpacked) return unpacked.error();
  Kind kind;
  if (Status read = read_map(unpacked->get(), "", kind_fields, UnknownKeys::ignore, kind); !read) return read.error();
  return read_alternative(unpacked->get(), kind.status, static_cast<Reply*>(nullptr));
}

}  // namespace

std::string encode_reply(const Reply& reply) {
  const auto* done = std::get_if<Done>(&reply);
  const std::size_t size_hint = done ? done->image.size() : 0;
  return std::visit([&](const auto& each) { return encode(fields_of(each), each, size_hint); }, reply);
}

Result<Reply> decode_reply(Bytes message) {
  auto reply = read_reply(message);
  if (!reply) return Error{ErrorCode::internal, "the service's reply cannot be read: " + reply.error().message};
  return reply;
}

}  // namespace inpaintd::wire
