/** The protocols of the store under every interleaving of their statements, each beside a wrong variant that must fail. */
package io.amends.jdbc.protocol;
