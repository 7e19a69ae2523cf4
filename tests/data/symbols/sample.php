<?php
namespace Acme\Auth;

use Acme\Base;

const LIMIT = 3;
define('OTHER', 4);

interface Sink { public const WIDTH = 80; public function put(string $x): void; }

trait Counts { private int $count = 0; }

abstract class Checker extends Base implements Sink {
    use Counts;
    const MAX = 1, MIN = 0;
    public static ?string $name = 'x';

    public function __construct(private readonly int $limit) { parent::__construct($limit); }
    abstract protected function size(): int;
    public static function make(int $n): static {
        $local = helper($n);
        return new static($local);
    }
    public function check(string $name): bool {
        $f = function ($x) use ($name) { return strcmp($x, $name); };
        return $this->read($name) && self::make(1)?->go() && new Store(1);
    }
}

enum Mode: string { case Fast = 'f'; case Slow = 's'; public function label(): string { return 'x'; } }

function check($name) {
    return \Acme\other($name);
}
?>
<p><?= check('x') ?></p>
