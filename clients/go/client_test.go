// SPDX-License-Identifier: Apache-2.0

package inpaintd

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/vmihailenco/msgpack/v5"
)

const longEnough = 10 * time.Minute // for every machine; only a failure waits for all of it

// natsURL is the server of the tests; a service listens there, and its demo pictures are in INPAINTD_DEMO.
func natsURL(t *testing.T) string {
	url := os.Getenv("INPAINTD_TEST_URL")
	if url == "" {
		t.Skip("INPAINTD_TEST_URL names no NATS server; tests/e2e/go.sh starts one")
	}
	return url
}

func demo(t *testing.T, name string) []byte {
	data, err := os.ReadFile(os.Getenv("INPAINTD_DEMO") + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func connected(t *testing.T) *Client {
	client, err := Connect(natsURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// script is a service that answers request number n with answers[n].
type script struct {
	mutex            sync.Mutex
	asked, cancelled []string
}

func (s *script) ids() ([]string, []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string{}, s.asked...), append([]string{}, s.cancelled...)
}

func scripted(t *testing.T, prefix string, answers ...map[string]any) (*Client, *script) {
	nc, err := nats.Connect(natsURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	s := &script{}
	idOf := func(message *nats.Msg) string {
		var keys map[string]any
		if err := msgpack.Unmarshal(message.Data, &keys); err != nil {
			t.Error(err)
		}
		return keys["id"].(string)
	}
	subscribe := func(subject string, handle func(*nats.Msg)) {
		if _, err := nc.Subscribe(subject, func(message *nats.Msg) {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			handle(message)
		}); err != nil {
			t.Fatal(err)
		}
	}
	subscribe(runSubject(prefix, ""), func(message *nats.Msg) {
		s.asked = append(s.asked, idOf(message))
		if len(s.asked) > len(answers) {
			return
		}
		reply := answers[len(s.asked)-1]
		reply["id"] = idOf(message)
		data, _ := msgpack.Marshal(reply)
		_ = message.Respond([]byte(`{"stream":"AUDIT","seq":1}`))
		_ = message.Respond(data)
	})
	subscribe(cancelSubject(prefix), func(message *nats.Msg) { s.cancelled = append(s.cancelled, idOf(message)) })
	return New(nc, prefix), s
}

func until(condition func() bool) {
	for !condition() {
		time.Sleep(5 * time.Millisecond)
	}
}

func TestPicture(t *testing.T) {
	var states []string
	picture, err := connected(t).Inpaint(context.Background(), Request{
		Image: demo(t, "photo.jpg"), Mask: demo(t, "mask.png"), Options: &Options{Format: "png"}, Timeout: longEnough,
		OnProgress: func(progress Progress) { states = append(states, progress.Status) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if picture.Format != "png" || picture.Image[0] != 0x89 || picture.Timings.Total <= 0 || states[0] != "queued" {
		t.Error(picture.Format, picture.Timings, states)
	}
}

func TestErrorOfTheService(t *testing.T) {
	request := Request{Image: demo(t, "mask.png"), Mask: Rects{[][4]int{{0, 0, 1, 1 << 20}}}, Timeout: longEnough}
	_, err := connected(t).Inpaint(context.Background(), request)
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != "bad_request" || failure.Retryable {
		t.Error(err)
	}
}

func TestNoService(t *testing.T) {
	nc, err := nats.Connect(natsURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	var told []string
	_, err = New(nc, "nobody").Inpaint(context.Background(), Request{Image: []byte{1}, Mask: Rects{}, Retries: 1,
		OnRetry: func(err *Error, _ time.Duration) { told = append(told, err.Code) }})
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != CodeNoService || len(told) != 1 {
		t.Error(err, told)
	}
}

func TestRetry(t *testing.T) {
	busy := map[string]any{"status": "error",
		"error": map[string]any{"code": "overloaded", "message": "full", "retryable": true, "retry_after_ms": 20}}
	client, service := scripted(t, "retries", busy, map[string]any{"status": "done", "image": []byte{7}})
	var after time.Duration
	picture, err := client.Inpaint(context.Background(), Request{Image: []byte{1}, Mask: Rects{}, Timeout: longEnough,
		OnRetry: func(err *Error, _ time.Duration) { after = *err.RetryAfter }})
	if err != nil || picture.Image[0] != 7 || after != 20*time.Millisecond {
		t.Error(err, after)
	}
	if asked, _ := service.ids(); len(asked) != 2 || asked[0] == asked[1] {
		t.Error(asked)
	}
}

func TestContextCancelsTheRequest(t *testing.T) {
	client, service := scripted(t, "cancels")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		until(func() bool { asked, _ := service.ids(); return len(asked) == 1 })
		cancel()
	}()
	if _, err := client.Inpaint(ctx, Request{Image: []byte{1}, Mask: Rects{}}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	until(func() bool {
		asked, cancelled := service.ids()
		return len(cancelled) == 1 && cancelled[0] == asked[0]
	})
}

func TestTheEndOfTheConnectionEndsTheCall(t *testing.T) {
	client, service := scripted(t, "ends")
	go func() {
		until(func() bool { asked, _ := service.ids(); return len(asked) == 1 })
		client.Close()
	}()
	_, err := client.Inpaint(context.Background(), Request{Image: []byte{1}, Mask: Rects{}})
	var failure *Error
	if !errors.As(err, &failure) || failure.Code != CodeConnection {
		t.Error(err)
	}
}
