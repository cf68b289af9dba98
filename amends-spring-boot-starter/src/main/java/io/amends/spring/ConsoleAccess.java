package io.amends.spring;

import io.amends.console.Access;
import io.amends.console.OidcSettings;
import io.amends.console.OidcSignIn;
import io.amends.console.Permission;
import io.amends.console.Roles;
import io.amends.console.SignIn;
import io.amends.spring.settings.AmendsProperties;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes of {@code amends.console.access} who may use the operator API, and finds every mistake in it. */
final class ConsoleAccess {
    private static final String PLACE = "amends.console.access";
    private final List<String> mistakes = new ArrayList<>();

    private ConsoleAccess() {}

    static Access of(AmendsProperties.Console console) {
        return new ConsoleAccess().access(console);
    }

    private Access access(AmendsProperties.Console console) {
        AmendsProperties.Access settings = console.access();
        Roles roles = roles(settings.roles());
        Access access = new Access(console.allowRemote());
        try {
            access = switch (settings.mode()) {
                case NONE -> access;
                case BASIC ->
                    Access.with(new SignIn.Basic(users(settings.users(), roles), roles, InstantSource.system()));
                case PROXY ->
                    Access.with(new SignIn.Proxy(
                            settings.proxy().userHeader(),
                            settings.proxy().rolesHeader(),
                            settings.proxy().networks(),
                            roles));
                case HOST -> Access.with(new SignIn.Host(roles));
                case OIDC -> oidc(settings.oidc(), roles, access);
            };
        } catch (IllegalArgumentException e) {
            mistakes.add(
                    PLACE + "." + (settings.mode() == AmendsProperties.Access.SignInMode.PROXY ? "proxy." : "users.")
                            + e.getMessage());
        }
        if (!mistakes.isEmpty()) {
            throw new SetupException(
                    "The access to the operator API is not what it should be:\n  " + String.join("\n  ", mistakes),
                    "Correct " + PLACE + ".*");
        }
        return access;
    }

    private Access oidc(AmendsProperties.Access.Oidc settings, Roles roles, Access otherwise) {
        OidcSettings oidc = new OidcSettings(
                new OidcSettings.Provider(
                        orEmpty(settings.issuer()),
                        orEmpty(settings.clientId()),
                        settings.clientSecret(),
                        settings.scopes(),
                        settings.algorithms()),
                new OidcSettings.Claims(
                        settings.nameClaim(), settings.rolesClaim(), new TreeMap<>(settings.roleMapping())),
                new OidcSettings.Sessions(
                        orEmpty(settings.baseUrl()), settings.cookieKeys(), settings.session(), settings.idle()));
        oidc.mistakes(roles.rules().keySet()).forEach(mistake -> mistakes.add(PLACE + ".oidc." + mistake));
        if (!OidcSignIn.isAvailable()) {
            mistakes.add(PLACE + ".mode: oidc needs com.nimbusds:nimbus-jose-jwt (expected: a dependency on it)");
        }
        return mistakes.isEmpty() ? Access.with(new OidcSignIn(oidc, roles, InstantSource.system())) : otherwise;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private Roles roles(Map<String, AmendsProperties.Access.Role> settings) {
        Map<String, Roles.Rule> rules = new TreeMap<>();
        new TreeMap<>(settings).forEach((name, role) -> {
            EnumSet<Permission> permissions = EnumSet.noneOf(Permission.class);
            for (String permission : role.permissions()) {
                Permission.of(permission)
                        .ifPresentOrElse(
                                permissions::add,
                                () -> mistakes.add(PLACE + ".roles." + name + ".permissions: " + permission
                                        + " (expected: "
                                        + Arrays.stream(Permission.values())
                                                .map(Permission::wireName)
                                                .collect(Collectors.joining(", "))
                                        + ")"));
            }
            rules.put(name, new Roles.Rule(permissions, role.processors()));
        });
        return Roles.DEFAULT.with(rules);
    }

    private Map<String, SignIn.User> users(Map<String, AmendsProperties.Access.User> settings, Roles roles) {
        if (settings.isEmpty()) {
            mistakes.add(PLACE + ".users: none (expected: at least one)");
        }
        Map<String, SignIn.User> users = new TreeMap<>();
        new TreeMap<>(settings).forEach((name, user) -> {
            user.roles().stream()
                    .filter(role -> !roles.rules().containsKey(role))
                    .forEach(role -> mistakes.add(PLACE + ".users." + name + ".roles: " + role + " (expected: "
                            + String.join(", ", roles.rules().keySet()) + ")"));
            users.put(name, new SignIn.User(user.password(), user.roles()));
        });
        return users;
    }
}
