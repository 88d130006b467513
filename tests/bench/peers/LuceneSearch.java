/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lucene with its analyzer for Chinese: LuceneSearch build FILE FOLDER, LuceneSearch ask FOLDER.
 *
 * FILE holds id, title and body of each document, with a NUL behind each. Title and body are one
 * field of bigrams with positions; id and title are stored. Standard input of `ask` has a kind and
 * a query a line, with a tab between; for each, microseconds and the number of matches are printed,
 * which Lucene counts up to some thousand, and the kind `count` to the end. A run of characters is a
 * phrase of its bigrams, several runs are joined by AND, and of the kind `long` any bigram will do.
 */

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.QueryBuilder;

public final class LuceneSearch {
    private static final String TEXT = "text";
    private static final int HITS = 10;

    private final QueryBuilder builder;
    private final IndexSearcher searcher;
    private long bytes;

    private LuceneSearch(Analyzer analyzer, IndexSearcher searcher) {
        this.builder = new QueryBuilder(analyzer);
        this.searcher = searcher;
    }

    /* Up to the next NUL; null at the end. */
    private static String field(InputStream in) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int b = in.read(); b > 0; b = in.read())
            out.write(b);
        return in.available() == 0 && out.size() == 0 ? null : out.toString("UTF-8");
    }

    private static void build(Path feed, Path folder) throws IOException {
        IndexWriterConfig config = new IndexWriterConfig(new CJKAnalyzer()).setRAMBufferSizeMB(256);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(feed), 1 << 20);
             IndexWriter writer = new IndexWriter(FSDirectory.open(folder), config)) {
            for (String id = field(in); id != null; id = field(in)) {
                String title = field(in);
                Document doc = new Document();
                doc.add(new StoredField("id", id));
                doc.add(new StoredField("title", title));
                doc.add(new TextField(TEXT, title + "\n" + field(in), Field.Store.NO));
                writer.addDocument(doc);
            }
        }
    }

    private Query queryOf(String kind, String text) {
        if (kind.equals("long"))
            return builder.createBooleanQuery(TEXT, text, BooleanClause.Occur.SHOULD);
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        String[] runs = text.split(" ");
        for (String run : runs) {
            Query phrase = builder.createPhraseQuery(TEXT, run);
            if (phrase == null)
                return new MatchNoDocsQuery();
            if (runs.length == 1)
                return phrase;
            all.add(phrase, BooleanClause.Occur.MUST);
        }
        return all.build();
    }

    private long run(String kind, String text) throws IOException {
        Query query = queryOf(kind, text);
        if (kind.equals("count"))
            return searcher.count(query);
        TopDocs found = searcher.search(query, HITS);
        for (ScoreDoc hit : found.scoreDocs) {
            Document doc = searcher.doc(hit.doc);
            bytes += doc.get("id").length() + doc.get("title").length();
        }
        return found.totalHits.value;
    }

    private static void ask(Path folder) throws IOException {
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (DirectoryReader reader = DirectoryReader.open(FSDirectory.open(folder))) {
            LuceneSearch search = new LuceneSearch(new CJKAnalyzer(), new IndexSearcher(reader));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                int tab = line.indexOf('\t');
                long begun = System.nanoTime();
                long n = search.run(line.substring(0, tab), line.substring(tab + 1));
                System.out.println((System.nanoTime() - begun) / 1e3 + " " + n);
            }
            System.err.println(search.bytes + " characters of ids and titles");
        }
    }

    public static void main(String[] args) throws IOException {
        if (args.length == 3 && args[0].equals("build"))
            build(Paths.get(args[1]), Paths.get(args[2]));
        else if (args.length == 2 && args[0].equals("ask"))
            ask(Paths.get(args[1]));
        else
            throw new IllegalArgumentException("build FILE FOLDER | ask FOLDER");
    }
}
