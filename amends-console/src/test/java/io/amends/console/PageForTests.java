package io.amends.console;

/** A small page, whose files say what they are. */
public final class PageForTests {
    private PageForTests() {}

    /** The page. */
    public static ConsolePage page() {
        return ConsolePage.load("/page/");
    }
}
