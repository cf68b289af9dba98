package io.amends.spring.settings;

import io.amends.api.RetryPolicy;
import io.amends.core.failure.RetryPolicyChange;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The application's settings of Amends; everything has a default.
 *
 * @param enabled Whether Amends is configured at all.
 * @param source CloudEvents source of published events, a URI reference; default is a slash and the application's name.
 * @param nodeName Name of this process for people; default is the host's name.
 * @param build Version of this build for people; default comes from the build information or the application's manifest.
 * @param lease How long a silent node keeps its slots, 2 s to 5 min.
 * @param heartbeat How often a node says that it is alive, at most a third of the lease.
 * @param patience How long a slot waits for one run before the run steps aside.
 * @param immediateBackoffs Waits before immediate re-runs of a failed handler; their number is the number of re-runs.
 * @param relayBatch Events per relay transaction.
 * @param readBatch Events per read of the inbox.
 * @param slotQueue Events that one slot holds in memory.
 * @param idlePoll Longest time between two looks when nothing signals.
 * @param keepPassed How long the log keeps events that every processor has passed.
 * @param keepDone How long records that are done are kept.
 * @param keepTombstones How long the versions of deleted entities are kept; an update that is later revives the entity.
 * @param keepAudit How long lines of the audit are kept; one whose outcome is unknown is kept for good.
 * @param keepRequestKeys How long an Idempotency-Key of the operator API, and its answer, are known.
 * @param keepGroups How long causes without failed executions are kept after they were seen last.
 * @param keepBatches How long batches are kept after they ended.
 * @param stuckThreads Runs that ignore their interrupt before their processor stops on this node.
 * @param shutdownPatience How long shutdown lets runs finish.
 * @param startTimeout How long the start waits for a database that is away before the application fails to start.
 * @param handling Handling of events by this node.
 * @param compensation Scheduled retries of failed executions.
 * @param limits Limits of events.
 * @param retry Retry policy of functions that do not set their own.
 * @param processors What operators change of single processors, by the processor's name.
 * @param schema Amends' tables.
 * @param datasource Connections of the engine itself.
 * @param redact What is taken out of the texts of errors before they are stored.
 * @param console Console and operator API.
 * @param cloudevents Door for CloudEvents over HTTP.
 */
@ConfigurationProperties("amends")
public record AmendsProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String source,
        @Nullable String nodeName,
        @Nullable String build,
        @DefaultValue("10s") Duration lease,
        @DefaultValue("2s") Duration heartbeat,
        @DefaultValue("2s") Duration patience,
        @DefaultValue({"50ms", "250ms"}) List<Duration> immediateBackoffs,
        @DefaultValue("500") int relayBatch,
        @DefaultValue("1000") int readBatch,
        @DefaultValue("200") int slotQueue,
        @DefaultValue("1s") Duration idlePoll,
        @DefaultValue("1d") Duration keepPassed,
        @DefaultValue("30d") Duration keepDone,
        @DefaultValue("90d") Duration keepTombstones,
        @DefaultValue("730d") Duration keepAudit,
        @DefaultValue("1d") Duration keepRequestKeys,
        @DefaultValue("90d") Duration keepGroups,
        @DefaultValue("30d") Duration keepBatches,
        @DefaultValue("3") int stuckThreads,
        @DefaultValue("20s") Duration shutdownPatience,
        @DefaultValue("60s") Duration startTimeout,
        @DefaultValue Handling handling,
        @DefaultValue Compensation compensation,
        @DefaultValue Limits limits,
        @DefaultValue Retry retry,
        @DefaultValue Map<String, Processor> processors,
        @DefaultValue Schema schema,
        @DefaultValue Datasource datasource,
        @DefaultValue Redact redact,
        @DefaultValue Console console,
        @DefaultValue Cloudevents cloudevents) {

    /**
     * Handling of events by this node.
     *
     * @param enabled Whether this node handles events at all; false for one that only publishes.
     */
    public record Handling(@DefaultValue("true") boolean enabled) {}

    /**
     * Scheduled retries.
     *
     * @param enabled Whether due records are retried; failures are recorded and followers parked all the same.
     */
    public record Compensation(@DefaultValue("true") boolean enabled) {}

    /**
     * Limits of events.
     *
     * @param payload Longest payload of an event.
     */
    public record Limits(@DefaultValue("1MB") DataSize payload) {}

    /**
     * What operators change of a processor.
     *
     * @param retry Retry policy of all its functions; goes before what their annotations say.
     * @param functions Retry policy of single functions, by the function's name; goes before everything else.
     * @param concurrency Events that one node handles at the same time, 1 to 1,000; default is what the processor says.
     * @param batch Events per transaction when there is a backlog, 1 to 1,000; default is what the processor says.
     */
    public record Processor(
            @DefaultValue Retry retry,
            @DefaultValue Map<String, Retry> functions,
            @Nullable Integer concurrency,
            @Nullable Integer batch) {}

    /**
     * Amends' tables.
     *
     * @param name Database schema that holds Amends' tables.
     * @param mode What the start does about Amends' tables.
     */
    public record Schema(
            @DefaultValue("amends") String name,
            @DefaultValue("migrate") Mode mode) {

        /** What the start does about the tables. */
        public enum Mode {
            /** Creates and migrates them. */
            MIGRATE,
            /** Checks that they are what this version needs, and fails if not. */
            VALIDATE,
            /** Prints the statements that make the tables to the log, then does as {@link #VALIDATE}. */
            PRINT
        }
    }

    /**
     * Connections of the engine itself; handlers use the application's.
     *
     * @param ownPool Whether the engine has a small pool of its own, so that handlers which hold all connections can not
     *     keep it from saying that the node is alive; needs HikariCP.
     * @param poolSize Most connections of the engine's own pool, 4 to 100.
     * @param listen Whether nodes tell each other of new events by LISTEN and NOTIFY, which takes a connection for good;
     *     without it they find them by polling. Switch it off behind a pooler that shares sessions.
     */
    public record Datasource(
            @DefaultValue("true") boolean ownPool,
            @DefaultValue("6") int poolSize,
            @DefaultValue("true") boolean listen) {}

    /**
     * What is taken out of error codes, messages, causes, violated constraints and stack traces before they are stored.
     * Events are stored as they are, because a retry needs them; {@code amends.console.mask} and the headers that are named
     * here hide what is shown of them.
     *
     * @param patterns Regular expressions in RE2 syntax; what they find is replaced.
     * @param headers Names of event headers whose values are taken out of the errors of their event.
     * @param payloadPaths Dotted paths in payloads whose values are taken out of the errors of their event.
     */
    public record Redact(
            @DefaultValue List<String> patterns,
            @DefaultValue List<String> headers,
            @DefaultValue List<String> payloadPaths) {}

    /**
     * Operator API.
     *
     * @param enabled Whether the operator API is served.
     * @param path Path of the console's page, and below it of the operator API.
     * @param apiPage Whether a page about the operator API, Swagger UI, is served at {path}/api/docs; it needs the dependency
     *     org.webjars:swagger-ui.
     * @param allowRemote Whether the operator API answers other machines than this one.
     * @param mask Parts of the names of payload members and headers whose values are hidden when they are shown.
     */
    public record Console(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("/amends") String path,
            @DefaultValue("false") boolean apiPage,
            @DefaultValue("false") boolean allowRemote,
            @DefaultValue Access access,

            @DefaultValue({
                "password",
                "passwd",
                "secret",
                "token",
                "authorization",
                "cookie",
                "apikey",
                "privatekey",
                "credential",
                "card",
                "cvv",
                "cvc",
                "iban",
                "ssn",
                "pin"
            })
            List<String> mask) {}

    /**
     * Who may use the operator API.
     *
     * @param mode How those who use the operator API are recognized.
     * @param users People with passwords by name, for mode basic.
     * @param roles Roles besides or in place of viewer, operator and admin, by name.
     * @param proxy What the proxy in front says, for mode proxy.
     * @param oidc Where people sign in, for mode oidc.
     */
    public record Access(
            @DefaultValue("none") SignInMode mode,
            @DefaultValue Map<String, User> users,
            @DefaultValue Map<String, Role> roles,
            @DefaultValue Proxy proxy,
            @DefaultValue Oidc oidc) {

        /** How those who use the operator API are recognized. */
        public enum SignInMode {
            /** Nobody signs in; only this machine is answered, unless remote access is allowed. */
            NONE,
            /** HTTP Basic with hashed passwords. */
            BASIC,
            /** A proxy in front signs in, and names who it is in headers. */
            PROXY,
            /** The application itself signs in; its users have the roles that it says they are in. */
            HOST,
            /** People sign in at an OpenID provider; needs com.nimbusds:nimbus-jose-jwt. */
            OIDC
        }

        /**
         * A person with a password.
         *
         * @param password Hash of the password, as SignIn.Basic.hash makes it.
         * @param roles Roles of the person.
         */
        public record User(String password, @DefaultValue List<String> roles) {}

        /**
         * What a role may do.
         *
         * @param permissions Permissions of the role.
         * @param processors Processors that it is about; names, or beginnings of names with an asterisk.
         */
        public record Role(
                @DefaultValue List<String> permissions,
                @DefaultValue("*") List<String> processors) {}

        /**
         * What the proxy in front says.
         *
         * @param userHeader Header in which the proxy names the person.
         * @param rolesHeader Header in which the proxy names the person's roles, between commas.
         * @param networks Networks from which the proxy connects, for instance 10.0.0.0/8.
         */
        public record Proxy(
                @DefaultValue("X-Forwarded-User") String userHeader,
                @DefaultValue("X-Forwarded-Groups") String rolesHeader,
                @DefaultValue List<String> networks) {}

        /**
         * Where people sign in, with OpenID Connect.
         *
         * @param issuer Issuer of the OpenID provider, letter by letter as its discovery document says it.
         * @param clientId By what the provider knows this service.
         * @param clientSecret Secret of the client; none for a public client.
         * @param scopes What the provider is asked for.
         * @param algorithms Signatures of ID tokens that are accepted.
         * @param nameClaim Claim of the ID token with the name that history and audit keep.
         * @param rolesClaim Claim of the ID token with the person's groups or roles; a path with dots.
         * @param roleMapping Values of that claim that give a role, by the role's name; an asterisk stands for everybody.
         * @param baseUrl Address of the console as browsers see it, for instance https://ops.example.com/amends; the provider
         *     sends people back to auth/callback below it.
         * @param cookieKeys Keys of the cookies, 32 random bytes in base 64 each, the same on every node. The first writes, all
         *     of them read.
         * @param session How long a session lasts at most, 1 min to 7 days.
         * @param idle How long a session lasts after the person did something last.
         */
        public record Oidc(
                @Nullable String issuer,
                @Nullable String clientId,
                @Nullable String clientSecret,

                @DefaultValue({"openid", "profile"}) List<String> scopes,

                @DefaultValue({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
                List<String> algorithms,

                @DefaultValue("preferred_username") String nameClaim,
                @DefaultValue("groups") String rolesClaim,
                @DefaultValue Map<String, List<String>> roleMapping,
                @Nullable String baseUrl,
                @DefaultValue List<String> cookieKeys,
                @DefaultValue("8h") Duration session,
                @DefaultValue("30m") Duration idle) {

            @Override
            public String toString() {
                return "Oidc[" + issuer + ", " + clientId + "]";
            }
        }
    }

    /**
     * Door for CloudEvents over HTTP.
     *
     * @param enabled Whether CloudEvents are taken over HTTP.
     * @param path Path that takes CloudEvents with POST.
     * @param maxEventBytes Longest CloudEvent over HTTP, attributes in the body included.
     * @param maxBatch Most CloudEvents of a batch over HTTP.
     * @param maxBatchBytes Longest batch of CloudEvents over HTTP.
     */
    public record Cloudevents(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("/events") String path,
            @DefaultValue("1MB") DataSize maxEventBytes,
            @DefaultValue("100") int maxBatch,
            @DefaultValue("8MB") DataSize maxBatchBytes) {}

    /**
     * Settings of a retry policy; what is not set falls back to the next wider setting.
     *
     * @param enabled Whether the scheduler retries failed executions; false records them, and only a person starts a retry.
     * @param maxRetries Scheduled retries, 0 to 1,000.
     * @param minBackoff Wait before the first retry, at most 7 days; it doubles with each retry.
     * @param executionTimeout Time that one attempt may take before it is interrupted and rolled back, 1 s to 1 day.
     * @param maxBackoff Upper limit of the wait, 0 for none, at most 30 days.
     * @param jitter Share of the wait that is added at random, 0 to 1.
     */
    public record Retry(
            @Nullable Boolean enabled,
            @Nullable Integer maxRetries,
            @Nullable Duration minBackoff,
            @Nullable Duration executionTimeout,
            @Nullable Duration maxBackoff,
            @Nullable Double jitter) {

        /** What is set here. */
        public RetryPolicyChange change() {
            return new RetryPolicyChange(enabled, maxRetries, minBackoff, executionTimeout, maxBackoff, jitter);
        }

        /**
         * The policy with what is set here in place of its own values.
         *
         * @throws IllegalArgumentException naming each value out of its range and the range
         */
        public RetryPolicy over(RetryPolicy policy) {
            return change().over(policy);
        }
    }
}
