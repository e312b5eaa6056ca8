package org.etcdjakarta.embedded.faults;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A call or a stream between its client and its service. Requests pass {@link Requests}, where they are struck; answers pass
 * the methods of this class, where they get lost.
 *
 * <p>A service does not know that its call was ended here and goes on to answer, and a test may cut a stream at any time. So all
 * that is sent goes through one lock, and what comes after the end is swallowed.
 */
final class FaultyCall<Q, R> extends SimpleForwardingServerCall<Q, R> {

    private static final Status CUT = Status.UNAVAILABLE.withDescription("the embedded etcd was told to end this call");

    private final Faults faults;
    private final FaultTarget target;
    private final boolean stream;
    private @Nullable LostAnswer lost;
    private boolean cutAfterAnswer;
    private boolean ended;
    /** The service did not end it. */
    private boolean cut;

    FaultyCall(Faults faults, FaultTarget target, ServerCall<Q, R> call) {
        super(call);
        this.faults = faults;
        this.target = target;
        this.stream = FaultTarget.isStream(call.getMethodDescriptor());
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!ended) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(R answer) {
        if (ended) {
            return;
        }
        if (lost != null) {
            lose(lost, stream);
            return;
        }
        super.sendMessage(answer);
        if (cutAfterAnswer && stream) {
            end(CUT);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (ended) {
            return;
        }
        if (lost != null) {
            lose(lost, false);
            return;
        }
        ended = true;
        super.close(status, trailers);
    }

    private void lose(LostAnswer how, boolean goesOn) {
        lost = null;
        switch (how) {
            case UNAVAILABLE -> end(CUT);
            case NEVER_ENDS -> ended = !goesOn;
            case CONNECTION_CUT -> {
                SocketAddress peer = getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
                if (peer != null) {
                    target.cutConnection(peer);
                }
                end(CUT);
            }
        }
    }

    /** As if the server's side broke; the service is told that the client is gone. */
    synchronized void cut() {
        if (!ended) {
            end(CUT);
        }
    }

    private synchronized void fail(Throwable failure) {
        if (!ended) {
            end(Status.UNKNOWN
                    .withDescription("the embedded etcd failed: " + failure)
                    .withCause(failure));
        }
    }

    private void end(Status status) {
        ended = true;
        cut = true;
        super.close(status, new Metadata());
    }

    boolean isStream() {
        return stream;
    }

    private synchronized boolean isEnded() {
        return ended;
    }

    private synchronized boolean isCut() {
        return cut;
    }

    private synchronized void strike(@Nullable Effect effect, Q request) {
        if (ended) {
            return;
        }
        if (effect instanceof Effect.Refuse refuse) {
            end(refuse.refusal().status(request));
        } else if (effect instanceof Effect.LoseAnswer lose) {
            lost = lose.how();
        } else if (effect instanceof Effect.CutAfterAnswer) {
            cutAfterAnswer = true;
        }
    }

    ServerCall.Listener<Q> requestsTo(ServerCall.Listener<Q> service) {
        return new Requests(service);
    }

    /** What the client sends, in its order; a delayed request holds back what follows. */
    private final class Requests extends SimpleForwardingServerCallListener<Q> {

        private final Gate gate = new Gate();

        Requests(ServerCall.Listener<Q> service) {
            super(service);
        }

        @Override
        public void onMessage(Q request) {
            Strike strike = faults.strike(getMethodDescriptor(), request);
            if (!strike.delay().isZero()) {
                gate.hold();
                target.later(strike.delay(), gate::release);
            }
            gate.pass(() -> {
                strike(strike.effect(), request);
                serve(() -> super.onMessage(request));
            });
        }

        @Override
        public void onHalfClose() {
            gate.pass(() -> serve(super::onHalfClose));
        }

        /** A service that fails is not to leave its caller waiting: after a delay gRPC does not see it fail. */
        private void serve(Runnable event) {
            if (isEnded()) {
                return;
            }
            try {
                event.run();
            } catch (RuntimeException | Error failure) {
                fail(failure);
                throw failure;
            }
        }

        @Override
        public void onCancel() {
            faults.over(FaultyCall.this);
            gate.pass(super::onCancel);
        }

        /** To a service, a stream that was cut here is one whose client has gone: only of that it cleans up. */
        @Override
        public void onComplete() {
            faults.over(FaultyCall.this);
            gate.pass(() -> {
                if (isCut()) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            });
        }
    }
}
