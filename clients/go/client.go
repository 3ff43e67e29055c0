// SPDX-License-Identifier: Apache-2.0

// Package inpaintd is the client of inpaintd, which removes things from pictures, over NATS. It follows
// docs/protocol.md.
package inpaintd

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// Codes of errors besides those of docs/protocol.md.
const (
	CodeNoService  = "no_service" // no worker is connected to the NATS server
	CodeNoAnswer   = "no_answer"  // no answer arrived in time
	CodeConnection = "connection" // the connection has ended, or the server's permissions forbid the request
)

const (
	defaultTimeout = 60 * time.Second
	defaultRetries = 4
	// The service answers when a batch that runs at the timeout is done.
	grace = 5 * time.Second
)

// Error says why there is no picture; errors.As finds it.
type Error struct {
	Code       string // of docs/protocol.md, or one of the constants
	Message    string
	Retryable  bool           // whether the same request may succeed later
	RetryAfter *time.Duration // when the service asks for the next attempt; nil: it does not say
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Note is something about an answer that its user should know, such as that the mask had no hole.
type Note struct {
	Code    string `msgpack:"code"`
	Message string `msgpack:"message"`
}

// Timings are the times of the stages of a request.
type Timings struct{ Decode, Queue, Infer, Encode, Total time.Duration }

// Picture is a filled picture.
type Picture struct {
	ID            string
	Image         []byte // a file in this Format; with "raw", 3 bytes for each pixel; nil if it is stored at Result
	Result        *Object
	Exact         string // how exact the picture is outside of the holes: "bits", "pixels" or "recoded"
	Format        string
	Width, Height int
	Region        [4]int // the place of Image in the request's picture: x, y, width, height
	Timings       Timings
	BatchSize     int
	Device, Model string
	Cached        bool
	Service       string
	Notes         []Note
}

// Progress is the state of a request: "queued" with Position and ETA, or "running" with BatchSize and Device.
type Progress struct {
	Status    string
	Position  int
	ETA       time.Duration
	BatchSize int
	Device    string
}

// Request is a picture, the pixels to fill, and how to fill and send them.
type Request struct {
	Image    any    // []byte (a JPEG, PNG or WebP file), Raw or Stored
	Mask     any    // []byte, Raw, Bits, Rects or Stored
	ID       string // empty: every attempt gets a new one
	Priority string // "high", "normal" or "low"; empty: normal
	Options  *Options

	Timeout    time.Duration // for all attempts, at most 10 minutes; 0: 60 s, or until the deadline of the context
	Retries    int           // further attempts after a retryable error; 0: 4, below 0: none
	OnProgress func(Progress)
	OnRetry    func(err *Error, wait time.Duration) // each error that is followed by another attempt
}

// Client sends requests. Several goroutines may use it at the same time.
type Client struct {
	nc     *nats.Conn
	prefix string

	mutex   sync.Mutex
	waiting map[*call]struct{}
}

// call is a request that waits for its final message.
type call struct {
	subject, inbox string
	end            context.CancelFunc // ends the wait
	denied         *Error             // why, if the server's permissions forbid the call; guarded by Client.mutex
}

// Connect connects to the NATS servers at url.
func Connect(url string, options ...nats.Option) (*Client, error) {
	nc, err := nats.Connect(url, options...)
	if err != nil {
		return nil, &Error{Code: CodeConnection, Message: "the NATS server cannot be reached: " + err.Error()}
	}
	return New(nc, "inpaint"), nil
}

// New uses a connection of the caller. prefix is the first part of the service's subjects. The client adds itself to
// the connection's error handler, to be told of permissions that are missing.
func New(nc *nats.Conn, prefix string) *Client {
	c := &Client{nc: nc, prefix: prefix, waiting: map[*call]struct{}{}}
	others := nc.ErrorHandler()
	nc.SetErrorHandler(func(nc *nats.Conn, subscription *nats.Subscription, err error) {
		c.denied(err)
		if others != nil {
			others(nc, subscription, err)
		}
	})
	return c
}

// Close closes the connection.
func (c *Client) Close() { c.nc.Close() }

// Cancel cancels a request of this or another client that no device has started.
func (c *Client) Cancel(id string) error {
	message, err := encode(cancelMessage{id})
	if err == nil {
		err = c.nc.Publish(cancelSubject(c.prefix), message)
	}
	if err == nil {
		err = c.nc.FlushTimeout(time.Second)
	}
	return err
}

// Inpaint sends a request, again after errors that may be temporary. Errors are an *Error; when ctx ends, the request
// is cancelled and the error is that of ctx.
func (c *Client) Inpaint(ctx context.Context, request Request) (*Picture, error) {
	deadline := deadlineOf(ctx, request)
	retries := request.Retries
	if retries == 0 {
		retries = defaultRetries
	}
	for attempt := 0; ; attempt++ {
		picture, err := c.tryOnce(ctx, request, time.Until(deadline))
		var failure *Error
		if err == nil || !errors.As(err, &failure) || !failure.Retryable || attempt >= retries {
			return picture, err
		}
		wait := backOff(failure.RetryAfter, attempt, rand.Float64())
		if time.Until(deadline) <= wait {
			return nil, err
		}
		if request.OnRetry != nil {
			request.OnRetry(failure, wait)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func deadlineOf(ctx context.Context, request Request) time.Time {
	timeout := request.Timeout
	end, bounded := ctx.Deadline()
	switch {
	case timeout > 0:
		return time.Now().Add(timeout)
	case bounded:
		return end
	default:
		return time.Now().Add(defaultTimeout)
	}
}

func (c *Client) tryOnce(ctx context.Context, request Request, left time.Duration) (*Picture, error) {
	id := request.ID
	if id == "" {
		id = "go-" + strings.TrimPrefix(nats.NewInbox(), nats.InboxPrefix)
	}
	milliseconds := left.Milliseconds()
	if milliseconds < 1 {
		milliseconds = 1
	}
	payload, err := encode(requestMessage{id, request.Image, request.Mask, milliseconds, request.OnProgress != nil, request.Options})
	if err != nil {
		return nil, &Error{Code: "bad_request", Message: err.Error()}
	}
	if limit := c.nc.MaxPayload(); limit > 0 && int64(len(payload)) > limit {
		return nil, &Error{Code: "too_large", Message: fmt.Sprintf("the request has %d bytes, and the NATS server accepts "+
			"at most %d; send JPEG or WebP, or raise max_payload in the configuration of the server", len(payload), limit)}
	}
	waiting, end := context.WithTimeout(ctx, time.Duration(milliseconds)*time.Millisecond+grace)
	defer end()
	call := &call{subject: runSubject(c.prefix, request.Priority), inbox: c.nc.NewInbox(), end: end}
	c.mutex.Lock()
	c.waiting[call] = struct{}{}
	c.mutex.Unlock()
	defer c.forget(call)

	subscription, err := c.nc.SubscribeSync(call.inbox)
	if err == nil {
		defer func() { _ = subscription.Unsubscribe() }()
		err = c.nc.PublishRequest(call.subject, call.inbox, payload)
	}
	if err != nil {
		return nil, &Error{Code: CodeConnection, Message: err.Error()}
	}
	for {
		message, err := subscription.NextMsgWithContext(waiting)
		if err != nil {
			return nil, c.ending(ctx, call, id, err)
		}
		reply := readReply(message.Data, id)
		switch {
		case reply == nil:
		case reply.Status == "done":
			return pictureOf(reply), nil
		case reply.Status == "error" && reply.Error != nil:
			return nil, errorOf(reply.Error)
		case request.OnProgress != nil:
			request.OnProgress(progressOf(reply))
		}
	}
}

// ending is the error of a call that got err instead of a message.
func (c *Client) ending(ctx context.Context, call *call, id string, err error) error {
	c.mutex.Lock()
	denied := call.denied
	c.mutex.Unlock()
	switch {
	case denied != nil:
		return denied
	case ctx.Err() != nil:
		_ = c.Cancel(id) // the call ends even when the message cannot be sent
		return ctx.Err()
	case errors.Is(err, nats.ErrNoResponders):
		return &Error{Code: CodeNoService, Retryable: true,
			Message: "no inpainting service listens on " + call.subject + "; start inpaintd"}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: CodeNoAnswer, Message: "no answer arrived in time"}
	default:
		return &Error{Code: CodeConnection, Message: err.Error()}
	}
}

func (c *Client) forget(call *call) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	delete(c.waiting, call)
}

// denied ends the calls that an error about permissions names. The server tells it beside all messages.
func (c *Client) denied(err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for call := range c.waiting {
		text := err.Error()
		if strings.Contains(text, `"`+call.subject+`"`) || strings.Contains(text, `"`+call.inbox+`"`) {
			call.denied = &Error{Code: CodeConnection, Message: text + "; extend the permissions of this user, or use another one"}
			call.end()
		}
	}
}

func pictureOf(reply *replyMessage) *Picture {
	micro := func(count int64) time.Duration { return time.Duration(count) * time.Microsecond }
	t := reply.Timings
	return &Picture{
		ID: reply.ID, Image: reply.Image, Format: reply.Format, Width: reply.Width, Height: reply.Height,
		Region:    reply.Region,
		Timings:   Timings{micro(t.Decode), micro(t.Queue), micro(t.Infer), micro(t.Encode), micro(t.Total)},
		BatchSize: reply.BatchSize, Device: reply.Device, Model: reply.Model, Cached: reply.Cached,
		Service: reply.Service, Result: reply.Result, Exact: reply.Exact, Notes: reply.Notes,
	}
}

func errorOf(message *errorMessage) *Error {
	failure := &Error{Code: message.Code, Message: message.Message, Retryable: message.Retryable}
	if message.RetryAfterMs != nil {
		after := time.Duration(*message.RetryAfterMs) * time.Millisecond
		failure.RetryAfter = &after
	}
	return failure
}

func progressOf(reply *replyMessage) Progress {
	return Progress{reply.Status, reply.Position, time.Duration(reply.EtaMs) * time.Millisecond, reply.BatchSize, reply.Device}
}
