package com.acme.auth;

import java.util.List;
import static java.lang.Math.max;

/** Checks passwords. */
@Service("auth")
public final class Checker<T extends Comparable<T>> extends Base implements Closeable, Runnable {
    private static final int LIMIT = 3, OTHER = 4;
    protected List<String> names = new ArrayList<>();

    public Checker(int limit) {
        super(limit);
        this.names = List.of();
    }

    @Override
    public void close() throws IOException {
        names.forEach(name -> log(name));
        Helper.run(this::close);
        int local = max(1, 2);
    }

    abstract static class Inner {
        abstract int size();
        native long peek(long at);
    }

    enum Mode {
        FAST(1) { void go() { } },
        SLOW(2);

        Mode(int n) { }
    }

    interface Sink {
        int WIDTH = 80;
        void put(byte[] bytes);
        default boolean isOpen() { return true; }
    }

    record Point(int x, int y) {
        Point { check(x); }
    }

    @interface Marker {
        String value() default "";
    }
}
