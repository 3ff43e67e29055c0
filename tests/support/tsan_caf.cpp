// SPDX-License-Identifier: Apache-2.0
// Part of test programs that run under the thread sanitizer. Debian's CAF is compiled without the sanitizer, which
// therefore does not see how a mailbox orders sender and receiver, and would report every message as a race. The
// functions below stand before CAF's own of the same name: they tell the sanitizer what CAF guarantees, and call CAF's
// function. Races between actors that share more than messages are still found.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <caf/all.hpp>

namespace {

template <class Function>
Function* of_caf(const char* symbol) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, symbol));
}

}  // namespace

namespace caf {

// A message is complete when it is sent: what its sender did before is visible to its receiver.
void scheduled_actor::enqueue(mailbox_element_ptr element, execution_unit* host) {
  static auto* const next = of_caf<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEEPNS_14execution_unitE");
  __tsan_release(element.get());
  next(this, std::move(element), host);
}

invoke_message_result scheduled_actor::consume(mailbox_element& element) {
  static auto* const next = of_caf<invoke_message_result(scheduled_actor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor7consumeERNS_15mailbox_elementE");
  __tsan_acquire(&element);
  return next(this, element);
}

// The same for actors that wait for their messages, as caf::scoped_actor does.
void blocking_actor::enqueue(mailbox_element_ptr element, execution_unit* host) {
  static auto* const next = of_caf<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEEPNS_14execution_unitE");
  __tsan_release(element.get());
  next(this, std::move(element), host);
}

intrusive::task_result blocking_actor::mailbox_visitor::operator()(mailbox_element& element) {
  static auto* const next = of_caf<intrusive::task_result(mailbox_visitor*, mailbox_element&)>(
      "_ZN3caf14blocking_actor15mailbox_visitorclERNS_15mailbox_elementE");
  __tsan_acquire(&element);
  return next(this, element);
}

// An actor runs on one thread at a time; the thread that runs it next sees what it did before.
resumable::resume_result scheduled_actor::resume(execution_unit* host, std::size_t messages_max) {
  static auto* const next = of_caf<resume_result(scheduled_actor*, execution_unit*, std::size_t)>(
      "_ZN3caf15scheduled_actor6resumeEPNS_14execution_unitEm");
  __tsan_acquire(this);
  const auto result = next(this, host, messages_max);
  __tsan_release(this);
  return result;
}

// The thread that gives the last handle back destroys the actor, and sees what every other thread did with it.
void intrusive_ptr_release(actor_control_block* block) {
  static auto* const next =
      of_caf<void(actor_control_block*)>("_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE");
  __tsan_release(block);
  __tsan_acquire(block);
  next(block);
}

}  // namespace caf
