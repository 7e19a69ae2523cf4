using System;
using static System.Math;

namespace Acme.Auth
{
    public delegate void Handler(object sender, int code);

    public interface ISink<T> { int Width { get; } void Put(T value); }

    [Serializable]
    public abstract class Checker<T> : Base, ISink<T> where T : class
    {
        private const int Limit = 3;
        private readonly string name = "x", other;
        public event Handler Changed;
        public int Size { get; private set; }
        public T this[int at] => default;

        public Checker(int n) : base(n) { }
        ~Checker() { }
        public static bool operator ==(Checker<T> a, Checker<T> b) => true;

        public override async Task<int> Check<U>(string name)
        {
            int local = Max(1, 2);
            int Nested(int x) => x;
            var store = new Store<int>(1) { Size = 2 };
            await this.Run<int>(name)?.Go();
            return Nested(local);
        }
        public abstract void Put(T value);
    }

    public struct Point { public int X, Y; }
    public record Person(string Name, int Age);
    public record struct Pair(int A, int B);
    public enum Mode : byte { Fast, Slow = 2 }
}
